// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>Moves one entry of a block to a neighbour of the same level.</summary>
internal static class BtreeShift
{
    /// <summary>The first entry goes to the left neighbour, if that has room and it is not the cursor's own.</summary>
    public static bool Left(BtreeCursor cursor, int level)
    {
        if (cursor.IsInline(level)) return false;
        ulong neighbour = cursor.LeftSibling(level);
        if (neighbour == BtreePlace.NoPointer || cursor.Entry(level) <= 1) return false;
        BtreeTree tree = cursor.Tree;
        BtreeLayout layout = tree.Layout;
        EditBuffer left = tree.Read(neighbour, level);
        int leftCount = layout.Count(left.Bytes);
        if (leftCount >= layout.EntriesMax(level)) return false;
        Span<byte> right = cursor.Block(level).Edit();
        int rightCount = layout.Count(right);
        layout.Copy(right, 1, layout, left.Edit(), leftCount + 1, level, 1);
        layout.SetCount(left.Edit(), leftCount + 1);
        layout.Move(right, level, 2, 1, rightCount - 1);
        layout.SetCount(right, rightCount - 1);
        if (tree.Format.HasHighKeys) UpdateLeftKeys(cursor, level);
        cursor.UpdateKeys(level);
        cursor.Entry(level)--;
        return true;
    }

    /// <summary>The last entry goes to the right neighbour, if that has room and it is not the cursor's own.</summary>
    public static bool Right(BtreeCursor cursor, int level)
    {
        if (cursor.IsInline(level)) return false;
        ulong neighbour = cursor.RightSibling(level);
        if (neighbour == BtreePlace.NoPointer) return false;
        BtreeTree tree = cursor.Tree;
        BtreeLayout layout = tree.Layout;
        int leftCount = cursor.Count(level);
        if (cursor.Entry(level) >= leftCount) return false;
        EditBuffer right = tree.Read(neighbour, level);
        int rightCount = layout.Count(right.Bytes);
        if (rightCount >= layout.EntriesMax(level)) return false;
        Span<byte> left = cursor.Block(level).Edit();
        layout.Move(right.Edit(), level, 1, 2, rightCount);
        layout.Copy(left, leftCount, layout, right.Edit(), 1, level, 1);
        layout.SetCount(left, leftCount - 1);
        layout.SetCount(right.Edit(), rightCount + 1);
        BtreeCursor beside = tree.RentCopy(cursor);
        beside.ToLast(level);
        if (!beside.Increment(level)) tree.Fail(OnDisk.BlockFault.Bad("bb_rightsib", "no parent knows the block"));
        if (tree.Format.HasHighKeys) cursor.UpdateKeys(level);
        beside.UpdateKeys(level);
        tree.Return(beside);
        return true;
    }

    private static void UpdateLeftKeys(BtreeCursor cursor, int level)
    {
        BtreeCursor beside = cursor.Tree.RentCopy(cursor);
        beside.ToFirst(level);
        if (!beside.Decrement(level))
        {
            cursor.Tree.Fail(OnDisk.BlockFault.Bad("bb_leftsib", "no parent knows the block"));
        }

        beside.UpdateKeys(level);
        cursor.Tree.Return(beside);
    }
}
