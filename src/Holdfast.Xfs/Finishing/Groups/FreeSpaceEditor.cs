// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>Puts extents into a group's free space and takes them out: bnobt, cntbt and the AGF's counts.</summary>
internal sealed class FreeSpaceEditor(GroupTrees trees)
{
    /// <summary>Blocks become free; they are merged with what is free beside them.</summary>
    public void Add(GroupHeader header, uint start, uint length)
    {
        BtreeEditor byStart = trees.Bnobt(header);
        Span<byte> record = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(record, start, length);
        bool hasLeft = byStart.Lookup(record, BtreeSeek.LessOrEqual);
        FreeRecord left = hasLeft ? Read(header, byStart) : default;
        if (hasLeft)
        {
            ulong end = (ulong)left.Start.Value + left.Length;
            if (end > start) FreeTwice(header, start, length);
            hasLeft = end == start;
        }

        bool hasRight = byStart.Next();
        FreeRecord right = hasRight ? Read(header, byStart) : default;
        if (hasRight)
        {
            ulong end = (ulong)start + length;
            if (end > right.Start.Value) FreeTwice(header, start, length);
            hasRight = end == right.Start.Value;
        }

        if (hasLeft) RemoveBySize(header, left);
        if (hasRight) RemoveBySize(header, right);
        FreeRecord merged = new(
            hasLeft ? left.Start : new(start), length + (hasLeft ? left.Length : 0) + (hasRight ? right.Length : 0));
        GroupTrees.WriteFree(record, merged.Start.Value, merged.Length);
        if (hasLeft && hasRight) byStart.Delete();
        if (hasLeft && !byStart.Previous()) Contradiction(header, left);
        if (hasLeft || hasRight) byStart.Update(record);
        else byStart.Insert(record);
        InsertBySize(header, merged);
        header.AddFreeBlocks(length);
        UpdateLongest(header);
    }

    /// <summary>Blocks of a free extent are taken. Counts of free blocks are the caller's, because it may use
    /// the AGFL.</summary>
    public void Remove(GroupHeader header, FreeRecord free, uint start, uint length)
    {
        ulong end = (ulong)start + length;
        ulong freeEnd = (ulong)free.Start.Value + free.Length;
        if (start < free.Start.Value || end > freeEnd || length == 0) Contradiction(header, free);
        FreeRecord? first = null;
        FreeRecord? second = null;
        if (start > free.Start.Value) first = new(free.Start, start - free.Start.Value);
        if (end < freeEnd)
        {
            var rest = new FreeRecord(new((uint)end), (uint)(freeEnd - end));
            if (first is null) first = rest;
            else second = rest;
        }

        RemoveBySize(header, free);
        if (first is { } bySize) InsertBySize(header, bySize);
        if (second is { } otherBySize) InsertBySize(header, otherBySize);
        Span<byte> record = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(record, free.Start.Value, free.Length);
        BtreeEditor byStart = trees.Bnobt(header);
        if (!byStart.Lookup(record, BtreeSeek.Equal) || Read(header, byStart) != free) Contradiction(header, free);
        if (first is { } changed)
        {
            GroupTrees.WriteFree(record, changed.Start.Value, changed.Length);
            byStart.Update(record);
        }
        else
        {
            byStart.Delete();
        }

        if (second is { } added)
        {
            GroupTrees.WriteFree(record, added.Start.Value, added.Length);
            if (byStart.Lookup(record, BtreeSeek.Equal)) Contradiction(header, added);
            byStart.Insert(record);
        }

        UpdateLongest(header);
    }

    /// <summary>The record at the position, which must lie within the group.</summary>
    public static FreeRecord Read(GroupHeader header, BtreeEditor tree)
    {
        FreeRecord free = FreeRecord.Read(tree.Record);
        if (free.Length == 0 || (ulong)free.Start.Value + free.Length > header.Blocks) Contradiction(header, free);
        return free;
    }

    private void RemoveBySize(GroupHeader header, FreeRecord free)
    {
        Span<byte> record = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(record, free.Start.Value, free.Length);
        BtreeEditor bySize = trees.Cntbt(header);
        if (!bySize.Lookup(record, BtreeSeek.Equal)) Contradiction(header, free);
        bySize.Delete();
    }

    private void InsertBySize(GroupHeader header, FreeRecord free)
    {
        Span<byte> record = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(record, free.Start.Value, free.Length);
        BtreeEditor bySize = trees.Cntbt(header);
        if (bySize.Lookup(record, BtreeSeek.Equal)) Contradiction(header, free);
        bySize.Insert(record);
    }

    private void UpdateLongest(GroupHeader header)
    {
        Span<byte> last = stackalloc byte[FreeRecord.Size];
        last.Fill(byte.MaxValue);
        BtreeEditor bySize = trees.Cntbt(header);
        uint longest = bySize.Lookup(last, BtreeSeek.LessOrEqual) ? Read(header, bySize).Length : 0;
        if (header.Longest != longest) header.Longest = longest;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void FreeTwice(GroupHeader header, uint start, uint length) =>
        header.Fail(BlockFault.Bad("ar_startblock", $"blocks {start} to {start + length - 1} are free already"));

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void Contradiction(GroupHeader header, FreeRecord free) =>
        header.Fail(BlockFault.Bad(
            "ar_startblock", $"bnobt and cntbt do not agree on {free.Length} blocks at {free.Start.Value}"));
}
