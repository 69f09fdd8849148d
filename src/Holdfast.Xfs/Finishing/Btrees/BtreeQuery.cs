// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <returns>False to end the visit.</returns>
internal delegate bool BtreeVisit(ReadOnlySpan<byte> record);

/// <summary>
/// Visits the records of a tree with high keys whose ranges touch a range of keys: a search among intervals, since
/// such a record may start anywhere before the range.
/// </summary>
internal static class BtreeQuery
{
    public static void Run(
        BtreeCursor cursor, ReadOnlySpan<byte> lowKey, ReadOnlySpan<byte> highKey, BtreeVisit visit)
    {
        BtreeTree tree = cursor.Tree;
        if (!tree.Format.HasHighKeys) throw new ArgumentException("The tree has no high keys.", nameof(cursor));
        Span<byte> room = stackalloc byte[2 * BtreeKind.KeyStrideMax];
        Span<byte> low = room[..tree.Format.KeySize];
        Span<byte> high = room.Slice(BtreeKind.KeyStrideMax, tree.Format.KeySize);
        Span<byte> firsts = stackalloc byte[AgFreeHeader.LevelsMax * tree.Format.KeySize];
        firsts.Clear();
        int entered = 0;
        int level = cursor.Levels - 1;
        if (!cursor.IsInline(level)) cursor.SetBlock(level, tree.Read(tree.Place.Root, level));
        cursor.Entry(level) = 1;
        while (level < cursor.Levels)
        {
            int entry = cursor.Entry(level);
            if (entry > cursor.Count(level))
            {
                if (++level < cursor.Levels) cursor.Entry(level)++;
                continue;
            }

            BtreeLayout layout = cursor.LayoutAt(level);
            ReadKeys(tree, in layout, cursor.Bytes(level), level, entry, low, high);
            if (tree.Kind.Compare(low, highKey) > 0)
            {
                // What follows in this block starts later still.
                if (++level < cursor.Levels) cursor.Entry(level)++;
                continue;
            }

            if (tree.Kind.Compare(lowKey, high) > 0)
            {
                cursor.Entry(level)++;
            }
            else if (level == 0)
            {
                if (!visit(layout.Record(cursor.Bytes(0), entry))) return;
                cursor.Entry(0)++;
            }
            else
            {
                EditBuffer below = tree.Read(layout.Pointer(cursor.Bytes(level), entry), --level);
                CheckRising(tree, below, level, firsts, ref entered);
                cursor.SetBlock(level, below);
                cursor.Entry(level) = 1;
            }
        }
    }

    /// <summary>Blocks of a level are met in the order of their first keys; one that is met again is a
    /// circle.</summary>
    private static void CheckRising(BtreeTree tree, EditBuffer block, int level, Span<byte> firsts, ref int entered)
    {
        BtreeLayout layout = tree.Layout;
        if (layout.Count(block.Bytes) == 0) tree.Fail(BlockFault.Wrong("bb_numrecs", "at least 1", "0"), block);
        Span<byte> room = stackalloc byte[2 * BtreeKind.KeyStrideMax];
        Span<byte> first = room[..tree.Format.KeySize];
        ReadKeys(
            tree, in layout, block.Bytes, level, 1, first, room.Slice(BtreeKind.KeyStrideMax, tree.Format.KeySize));
        Span<byte> previous = firsts.Slice(level * tree.Format.KeySize, tree.Format.KeySize);
        bool isFirst = (entered >> level & 1) == 0;
        if (!isFirst && tree.Kind.Compare(previous, first) >= 0)
        {
            tree.Fail(BlockFault.Bad("bb_recs[0]", "out of order"), block);
        }

        first.CopyTo(previous);
        entered |= 1 << level;
    }

    private static void ReadKeys(
        BtreeTree tree, in BtreeLayout layout, ReadOnlySpan<byte> bytes, int level, int entry, Span<byte> low,
        Span<byte> high)
    {
        if (level > 0)
        {
            layout.Key(bytes, entry).CopyTo(low);
            layout.HighKey(bytes, entry).CopyTo(high);
            return;
        }

        tree.Kind.KeyOf(layout.Record(bytes, entry), low);
        tree.Kind.HighKeyOf(layout.Record(bytes, entry), high);
    }
}
