// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// What a group's own structures occupy: headers, btrees, free list, inode chunks, the log, blocks staged for
/// copy-on-write. As records with the owners that an rmapbt gives them.
/// </summary>
internal sealed class GroupStructures(XfsVolume volume, AllocationGroup group)
{
    /// <returns>False where a structure could not be read; what could is still collected.</returns>
    public bool Collect(Action<RmapRecord> add)
    {
        add(Special(0, HeaderBlocks, RmapOwner.Filesystem));
        CollectLog(add);
        bool complete = CollectFreeSide(add);
        return CollectInodeSide(add) && complete;
    }

    /// <summary>Blocks that the four header sectors take.</summary>
    private uint HeaderBlocks =>
        (uint)((AgHeaderReader.Sectors * volume.Geometry.SectorSize
            + volume.Geometry.BlockSize - 1) >> volume.Geometry.BlockLog);

    private static RmapRecord Special(uint start, uint length, ulong owner) => new(new(start), length, owner, 0);

    private void CollectLog(Action<RmapRecord> add)
    {
        Geometry geometry = volume.Geometry;
        if (geometry.LogStart is { } log && geometry.AgOf(log) == group.Number)
        {
            add(Special(geometry.AgBlockOf(log).Value, geometry.LogBlocks, RmapOwner.Log));
        }
    }

    private bool CollectFreeSide(Action<RmapRecord> add)
    {
        if (group.Free is not { } header) return false;
        bool complete = CollectTree(BtreeFormat.Bnobt, header.Bnobt, RmapOwner.Ag, add);
        complete &= CollectTree(BtreeFormat.Cntbt, header.Cntbt, RmapOwner.Ag, add);
        if (volume.Features.ReverseMapBtree)
        {
            complete &= CollectTree(BtreeFormat.Rmapbt, header.Rmapbt, RmapOwner.Ag, add);
        }
        if (volume.Features.Reflink)
        {
            complete &= CollectTree(BtreeFormat.Refcountbt, header.Refcountbt, RmapOwner.Refcount, add);
        }
        List<AgBlock>? freeList = AgHeaderReader.ReadFreeList(volume, group);
        foreach (AgBlock block in freeList ?? []) add(Special(block.Value, 1, RmapOwner.Ag));
        return CollectCow(add) && complete && freeList is not null;
    }

    private bool CollectCow(Action<RmapRecord> add)
    {
        var cow = new List<ByteRange>();
        bool complete = SharedSpace.TryRead(volume, group, null, [], cow);
        foreach (ByteRange range in cow)
        {
            (_, AgBlock start) = volume.Geometry.BlockAt(range.Offset);
            add(Special(start.Value, (uint)(range.Length >> volume.Geometry.BlockLog), RmapOwner.Cow));
        }

        return complete;
    }

    private bool CollectInodeSide(Action<RmapRecord> add)
    {
        if (group.Inodes is not { } header) return false;
        bool complete = CollectTree(BtreeFormat.Inobt, header.Inobt, RmapOwner.InodeBtree, add);
        if (volume.Features.FreeInodeBtree)
        {
            complete &= CollectTree(BtreeFormat.Finobt, header.Finobt, RmapOwner.InodeBtree, add);
        }
        foreach (InodeChunkRecord chunk in InodeChunks.ReadAll(volume, group, out bool whole)) AddChunk(chunk, add);
        return complete;
    }

    /// <summary>A sparse chunk takes only the blocks of the inodes that are there.</summary>
    private void AddChunk(InodeChunkRecord chunk, Action<RmapRecord> add)
    {
        int perBlockLog = volume.Geometry.InodesPerBlockLog;
        ulong present = chunk.PresentMask;
        for (int slot = 0; slot < Geometry.InodesPerChunk;)
        {
            if ((present >> slot & 1) == 0)
            {
                slot++;
                continue;
            }

            int end = slot;
            while (end < Geometry.InodesPerChunk && (present >> end & 1) != 0) end++;
            uint first = chunk.Start + (uint)slot >> perBlockLog;
            uint last = chunk.Start + (uint)end - 1 >> perBlockLog;
            if (last < group.Blocks) add(Special(first, last - first + 1, RmapOwner.Inodes));
            slot = end;
        }
    }

    private bool CollectTree(BtreeFormat format, BtreeRoot root, ulong owner, Action<RmapRecord> add)
    {
        var blocks = new Blocks { Add = add, Owner = owner, AgBlocks = group.Blocks };
        BtreeWalk.Run(volume, group, format, root, ref blocks, leavesToo: false);
        return !blocks.IsLost;
    }

    private struct Blocks : IBtreeVisitor
    {
        public required Action<RmapRecord> Add;
        public required ulong Owner;
        public required uint AgBlocks;
        public bool IsLost;

        public readonly bool Wants(uint low, uint high) => true;

        public void Block(AgBlock block, int level)
        {
            if (block.Value < AgBlocks) Add(Special(block.Value, 1, Owner));
            else IsLost = true;
        }

        public readonly void Leaf(in BtreeBlock leaf)
        {
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }
}
