// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// Takes a record out of a tree. A block that has become less than half full gets an entry from its right neighbour,
/// else from its left one; where neither can spare one it is joined with the left neighbour, else with the right one,
/// and the entry of the block that went is taken out of the level above in the same way.
/// </summary>
internal static class BtreeDeletion
{
    /// <summary>Deletes what the cursor stands on, and leaves it on what came after that.</summary>
    public static void Delete(BtreeCursor cursor)
    {
        bool joined = false;
        for (int level = 0; DeleteAt(cursor, level); level++) joined = true;
        if (!joined) return;
        for (int level = 1; level < cursor.Levels; level++)
        {
            if (cursor.Entry(level) > 0) continue;
            // The block that the cursor is in has become the last one of the neighbour's.
            cursor.Entry(level) = 1;
            if (!cursor.Decrement(level)) cursor.Tree.Fail(BlockFault.Bad("bb_ptr", "an entry before the first"));
            break;
        }

        if (cursor.Tree.Format.HasHighKeys) cursor.UpdateKeys(0, all: true);
    }

    /// <returns>True where two blocks were joined, so that the level above has an entry too many.</returns>
    private static bool DeleteAt(BtreeCursor cursor, int level)
    {
        BtreeTree tree = cursor.Tree;
        if (level >= cursor.Levels) tree.Fail(BlockFault.Bad("bb_level", "joined above the root"));
        int entry = cursor.Entry(level);
        BtreeLayout layout = cursor.LayoutAt(level);
        int count = cursor.Count(level);
        if (entry < 1 || entry > count) tree.Fail(BlockFault.Bad("bb_ptr", "no entry to delete"));
        Span<byte> bytes = cursor.Edit(level);
        layout.Move(bytes, level, entry + 1, entry, count - entry);
        layout.SetCount(bytes, --count);
        if (level == cursor.Levels - 1)
        {
            DeletedFromRoot(cursor, level, count);
            return false;
        }

        if (tree.Format.HasHighKeys || entry == 1) cursor.UpdateKeys(level);
        if (count >= layout.EntriesMin(level))
        {
            StepBack(cursor, level);
            return false;
        }

        ulong leftPointer = cursor.LeftSibling(level);
        ulong rightPointer = cursor.RightSibling(level);
        if (leftPointer == BtreePlace.NoPointer && rightPointer == BtreePlace.NoPointer)
        {
            // An only child can only go up into the inode.
            if (tree.Place.IsInInode && level == cursor.Levels - 2) BtreeRoots.PullUpInlineRoot(cursor);
            StepBack(cursor, level);
            return false;
        }

        int rightCount = 0;
        int leftCount = 0;
        if (rightPointer != BtreePlace.NoPointer && TakeFromRight(cursor, level, out rightCount))
        {
            StepBack(cursor, level);
            return false;
        }

        if (leftPointer != BtreePlace.NoPointer && TakeFromLeft(cursor, level, out leftCount))
        {
            if (level == 0) cursor.Entry(0)++;
            return false;
        }

        if (leftPointer != BtreePlace.NoPointer && leftCount + count <= layout.EntriesMax(level))
        {
            JoinLeft(cursor, level, tree.Read(leftPointer, level));
            return true;
        }

        if (rightPointer != BtreePlace.NoPointer && rightCount + count <= layout.EntriesMax(level))
        {
            JoinRight(cursor, level, tree.Read(rightPointer, level));
            return true;
        }

        StepBack(cursor, level);
        return false;
    }

    private static void DeletedFromRoot(BtreeCursor cursor, int level, int count)
    {
        if (cursor.Tree.Place.IsInInode)
        {
            BtreeRoots.PullUpInlineRoot(cursor);
            if (level < cursor.Levels) StepBack(cursor, level);
        }
        else if (count == 1 && level > 0)
        {
            BtreeRoots.ShrinkHeaderRoot(cursor);
        }
        else
        {
            StepBack(cursor, level);
        }
    }

    /// <summary>Above the leaves the entry deleted was the one after the block that the cursor is in.</summary>
    private static void StepBack(BtreeCursor cursor, int level)
    {
        if (level > 0 && level < cursor.Levels) cursor.Decrement(level);
    }

    private static bool TakeFromRight(BtreeCursor cursor, int level, out int rightCount)
    {
        BtreeTree tree = cursor.Tree;
        BtreeCursor beside = tree.RentCopy(cursor);
        beside.ToLast(level);
        if (!beside.Increment(level)) tree.Fail(BlockFault.Bad("bb_rightsib", "no parent knows the block"));
        beside.ToLast(level);
        rightCount = beside.Count(level);
        bool taken = rightCount - 1 >= tree.Layout.EntriesMin(level) && BtreeShift.Left(beside, level);
        tree.Return(beside);
        return taken;
    }

    private static bool TakeFromLeft(BtreeCursor cursor, int level, out int leftCount)
    {
        BtreeTree tree = cursor.Tree;
        BtreeCursor beside = tree.RentCopy(cursor);
        beside.ToFirst(level);
        if (!beside.Decrement(level)) tree.Fail(BlockFault.Bad("bb_leftsib", "no parent knows the block"));
        beside.ToFirst(level);
        leftCount = beside.Count(level);
        bool taken = leftCount - 1 >= tree.Layout.EntriesMin(level) && BtreeShift.Right(beside, level);
        tree.Return(beside);
        return taken;
    }

    private static void JoinLeft(BtreeCursor cursor, int level, EditBuffer left)
    {
        int leftCount = Join(cursor, level, left, cursor.Block(level));
        cursor.SetBlock(level, left);
        cursor.Entry(level) += leftCount;
        if (level > 0) cursor.Entry(level)--;
    }

    private static void JoinRight(BtreeCursor cursor, int level, EditBuffer right)
    {
        Join(cursor, level, cursor.Block(level), right);
        if (!cursor.Increment(level + 1))
        {
            cursor.Tree.Fail(BlockFault.Bad("bb_rightsib", "no parent knows the block"), right);
        }

        if (level > 0) cursor.Entry(level)--;
    }

    /// <returns>How many entries the left block had.</returns>
    private static int Join(BtreeCursor cursor, int level, EditBuffer left, EditBuffer right)
    {
        BtreeTree tree = cursor.Tree;
        BtreeLayout layout = tree.Layout;
        int leftCount = layout.Count(left.Bytes);
        int rightCount = layout.Count(right.Bytes);
        layout.Copy(right.Bytes, 1, layout, left.Edit(), leftCount + 1, level, rightCount);
        layout.SetCount(left.Edit(), leftCount + rightCount);
        ulong beyond = layout.RightSibling(right.Bytes);
        layout.SetRightSibling(left.Edit(), beyond);
        if (beyond != BtreePlace.NoPointer)
        {
            layout.SetLeftSibling(tree.Read(beyond, level).Edit(), tree.PointerOf(left));
        }

        tree.Free(right);
        return leftCount;
    }
}
