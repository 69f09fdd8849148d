// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// Puts a record into a tree. A full block first gives an entry to its right neighbour, else to its left one, else
/// it splits, and the new block's key and pointer go into the level above in the same way.
/// </summary>
internal static class BtreeInsertion
{
    /// <summary>Inserts where the cursor stands, which knows the tree's depth afterwards but not its place.</summary>
    public static void Insert(BtreeCursor cursor, ReadOnlySpan<byte> record)
    {
        BtreeTree tree = cursor.Tree;
        Span<byte> keys = stackalloc byte[BtreeKind.KeyStrideMax];
        keys = keys[..tree.Format.KeyStride];
        tree.Kind.KeyOf(record, keys);
        BtreeCursor current = cursor;
        ulong pointer = BtreePlace.NoPointer;
        int level = 0;
        do
        {
            pointer = InsertAt(current, level, pointer, record, keys, out BtreeCursor? split);
            level++;
            bool isDone = pointer == BtreePlace.NoPointer;
            if (current != cursor && (split is not null || isDone))
            {
                cursor.Levels = current.Levels;
                tree.Return(current);
            }

            if (split is not null) current = split;
            if (level > AgFreeHeader.LevelsMax) tree.Fail(BlockFault.Bad("bb_level", "too many levels"));
        }
        while (pointer != BtreePlace.NoPointer);
    }

    /// <param name="pointer">What is inserted above the leaves.</param>
    /// <param name="keys">Its keys; on return those of the block that a split has made.</param>
    /// <param name="split">A cursor to the place of the new block in the level above.</param>
    /// <returns>The new block, if there is one.</returns>
    private static ulong InsertAt(
        BtreeCursor cursor, int level, ulong pointer, ReadOnlySpan<byte> record, Span<byte> keys,
        out BtreeCursor? split)
    {
        split = null;
        BtreeTree tree = cursor.Tree;
        if (!tree.Place.IsInInode && level >= cursor.Levels)
        {
            BtreeRoots.GrowHeaderRoot(cursor);
            return BtreePlace.NoPointer;
        }

        int entry = cursor.Entry(level);
        if (entry == 0) tree.Fail(BlockFault.Bad("bb_ptr", "an entry before the first"));
        int before = entry;
        EditBuffer? block = cursor.IsInline(level) ? null : cursor.Block(level);
        ulong added = BtreePlace.NoPointer;
        Span<byte> addedKeys = stackalloc byte[BtreeKind.KeyStrideMax];
        addedKeys = addedKeys[..keys.Length];
        if (cursor.Count(level) >= cursor.LayoutAt(level).EntriesMax(level))
        {
            added = MakeRoom(cursor, level, ref before, addedKeys, out split);
        }

        entry = cursor.Entry(level);
        Put(cursor, level, entry, pointer, record, keys);
        // In a block that was just made the keys have no place above yet: they are handed up instead.
        bool isInAdded = !cursor.IsInline(level) && block is not null && cursor.Block(level) != block;
        if (isInAdded)
        {
            BtreeLayout layout = cursor.LayoutAt(level);
            tree.KeysOf(cursor.Bytes(level), in layout, addedKeys);
        }
        else if (tree.Format.HasHighKeys || before == 1)
        {
            cursor.UpdateKeys(level);
        }

        if (added != BtreePlace.NoPointer) addedKeys.CopyTo(keys);
        return added;
    }

    private static void Put(
        BtreeCursor cursor, int level, int entry, ulong pointer, ReadOnlySpan<byte> record, ReadOnlySpan<byte> keys)
    {
        BtreeLayout layout = cursor.LayoutAt(level);
        Span<byte> bytes = cursor.Edit(level);
        int count = layout.Count(bytes);
        if (entry > count + 1) cursor.Tree.Fail(BlockFault.Bad("bb_ptr", "an entry behind the last"));
        layout.Move(bytes, level, entry, entry + 1, count - entry + 1);
        if (level == 0)
        {
            record.CopyTo(layout.Record(bytes, entry));
        }
        else
        {
            keys.CopyTo(layout.Keys(bytes, entry));
            layout.SetPointer(bytes, entry, pointer);
        }

        layout.SetCount(bytes, count + 1);
    }

    /// <returns>A block that was added, if that was the way.</returns>
    private static ulong MakeRoom(
        BtreeCursor cursor, int level, ref int before, Span<byte> addedKeys, out BtreeCursor? split)
    {
        split = null;
        if (cursor.IsInline(level))
        {
            BtreeRoots.PushDownInlineRoot(cursor);
            return BtreePlace.NoPointer;
        }

        if (BtreeShift.Right(cursor, level)) return BtreePlace.NoPointer;
        if (BtreeShift.Left(cursor, level))
        {
            before = cursor.Entry(level);
            return BtreePlace.NoPointer;
        }

        return Split(cursor, level, addedKeys, out split);
    }

    /// <summary>
    /// Half of a block's entries go into a new one to its right; of an odd number the half is larger that the new
    /// entry will not be in. An entry for the very end of the left half stays there.
    /// </summary>
    private static ulong Split(BtreeCursor cursor, int level, Span<byte> addedKeys, out BtreeCursor? above)
    {
        BtreeTree tree = cursor.Tree;
        BtreeLayout layout = tree.Layout;
        EditBuffer left = cursor.Block(level);
        ulong leftPointer = tree.PointerOf(left);
        ulong rightPointer = tree.Place.Allocate(leftPointer);
        EditBuffer right = tree.NewBlock(rightPointer, level);
        int count = layout.Count(left.Bytes);
        int moved = count / 2;
        if ((count & 1) != 0 && cursor.Entry(level) <= moved + 1) moved++;
        int kept = count - moved;
        layout.Copy(left.Bytes, kept + 1, layout, right.Edit(), 1, level, moved);
        layout.SetCount(left.Edit(), kept);
        layout.SetCount(right.Edit(), moved);
        tree.KeysOf(right.Bytes, in layout, addedKeys);
        ulong beyond = layout.RightSibling(left.Bytes);
        layout.SetRightSibling(right.Edit(), beyond);
        layout.SetLeftSibling(right.Edit(), leftPointer);
        layout.SetRightSibling(left.Edit(), rightPointer);
        if (beyond != BtreePlace.NoPointer)
        {
            layout.SetLeftSibling(tree.Read(beyond, level).Edit(), rightPointer);
        }

        if (tree.Format.HasHighKeys) cursor.UpdateKeys(level);
        if (cursor.Entry(level) > kept + 1)
        {
            cursor.SetBlock(level, right);
            cursor.Entry(level) -= kept;
        }

        above = null;
        if (level + 1 < cursor.Levels)
        {
            above = tree.RentCopy(cursor);
            above.Entry(level + 1)++;
        }

        return rightPointer;
    }
}
