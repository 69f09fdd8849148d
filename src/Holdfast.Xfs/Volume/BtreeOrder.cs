// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Are the records or keys of a group's btree block in order, inside the group, and between the keys of the parent?
/// Catches blocks that verify by themselves but belong elsewhere, and damage under a repaired checksum.
/// </summary>
internal static class BtreeOrder
{
    /// <summary>The first block (or inode) that a key or record names; 0 for the by-size btree, which orders by
    /// length.</summary>
    public static uint FirstOf(ReadOnlySpan<byte> key, BtreeFormat format) => format.Name switch
    {
        BtreeName.Cntbt => key.U32(sizeof(uint)),
        _ => key.U32(0),
    };

    /// <param name="low">No record may start before this.</param>
    /// <param name="high">No record may start after this; with high keys, none may reach past it.</param>
    public static BlockFault Check(in BtreeBlock block, BtreeFormat format, uint agBlocks, uint low, uint high) =>
        block.IsLeaf ? CheckLeaf(in block, format, agBlocks, low, high) : CheckNode(in block, format, low, high);

    private static BlockFault CheckNode(in BtreeBlock block, BtreeFormat format, uint low, uint high)
    {
        uint previous = low;
        for (int i = 0; i < block.Count; i++)
        {
            uint first = FirstOf(block.Key(i), format);
            if (first < previous || first > high) return OutOfOrder("bb_keys", i, first, previous, high);
            if (format.HasHighKeys && FirstOf(block.HighKey(i), format) < first)
            {
                return OutOfOrder("bb_keys high", i, FirstOf(block.HighKey(i), format), first, high);
            }

            previous = first;
        }

        return BlockFault.None;
    }

    private static BlockFault CheckLeaf(in BtreeBlock block, BtreeFormat format, uint agBlocks, uint low, uint high) =>
        format.Name switch
        {
            BtreeName.Rmapbt => CheckRmaps(in block, agBlocks, low, high),
            BtreeName.Bnobt => CheckFree(in block, agBlocks, low, high),
            BtreeName.Refcountbt => CheckRefcounts(in block, agBlocks, low, high),
            BtreeName.Inobt or BtreeName.Finobt => CheckChunks(in block, low, high),
            _ => BlockFault.None,
        };

    private static BlockFault CheckRmaps(in BtreeBlock block, uint agBlocks, uint low, uint high)
    {
        RmapRecord previous = default;
        for (int i = 0; i < block.Count; i++)
        {
            RmapRecord record = RmapRecord.Read(block.Record(i));
            uint start = record.Start.Value;
            if (start < low || start > high || (i > 0 && record <= previous))
            {
                return OutOfOrder("rm_startblock", i, start, low, high);
            }
            if (record.Length == 0 || record.End > agBlocks)
            {
                return BlockFault.OutOfBounds($"rm_blockcount[{i}]", record.Length, agBlocks - start);
            }
            if (!record.IsInode && record.Owner < RmapOwner.Cow)
            {
                return BlockFault.WrongHex($"rm_owner[{i}]", RmapOwner.Cow, record.Owner);
            }
            previous = record;
        }

        return BlockFault.None;
    }

    private static BlockFault CheckFree(in BtreeBlock block, uint agBlocks, uint low, uint high)
    {
        ulong end = low;
        for (int i = 0; i < block.Count; i++)
        {
            FreeRecord record = FreeRecord.Read(block.Record(i));
            if (record.Start.Value < end || record.Start.Value > high)
            {
                return OutOfOrder("ar_startblock", i, record.Start.Value, (uint)end, high);
            }
            end = (ulong)record.Start.Value + record.Length;
            if (record.Length == 0 || end > agBlocks)
            {
                return BlockFault.OutOfBounds($"ar_blockcount[{i}]", record.Length, agBlocks - record.Start.Value);
            }
        }

        return BlockFault.None;
    }

    private static BlockFault CheckRefcounts(in BtreeBlock block, uint agBlocks, uint low, uint high)
    {
        ulong previousKey = low;
        for (int i = 0; i < block.Count; i++)
        {
            RefcountRecord record = RefcountRecord.Read(block.Record(i));
            uint key = block.Record(i).U32(0);
            if (key < previousKey || key > high) return OutOfOrder("rc_startblock", i, key, (uint)previousKey, high);
            previousKey = (ulong)key + record.Length;
            if (record.Length == 0 || (ulong)record.Start.Value + record.Length > agBlocks)
            {
                return BlockFault.OutOfBounds($"rc_blockcount[{i}]", record.Length,
                    agBlocks - Math.Min(agBlocks, record.Start.Value));
            }
        }

        return BlockFault.None;
    }

    private static BlockFault CheckChunks(in BtreeBlock block, uint low, uint high)
    {
        ulong next = low;
        for (int i = 0; i < block.Count; i++)
        {
            uint start = block.Record(i).U32(0);
            if (start < next || start > high) return OutOfOrder("ir_startino", i, start, (uint)next, high);
            next = (ulong)start + Geometry.InodesPerChunk;
        }

        return BlockFault.None;
    }

    private static BlockFault OutOfOrder(string field, int index, uint found, uint low, uint high) =>
        BlockFault.Wrong($"{field}[{index}]", $"in order, from {low} to {high}", $"{found}");
}
