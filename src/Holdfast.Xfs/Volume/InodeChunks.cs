// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>The inode chunks of one group, from its inobt.</summary>
internal static class InodeChunks
{
    /// <summary>All records in order, as far as the tree can be believed; the faults are reported.</summary>
    public static List<InodeChunkRecord> ReadAll(XfsVolume volume, AllocationGroup group, out bool complete)
    {
        var chunks = new List<InodeChunkRecord>();
        complete = TryRead(volume, group, 0, uint.MaxValue, chunks);
        return chunks;
    }

    /// <summary>Appends the records that hold inodes from <paramref name="first"/> to <paramref name="last"/>
    /// (group-relative).</summary>
    public static bool TryRead(
        XfsVolume volume, AllocationGroup group, uint first, uint last, List<InodeChunkRecord> chunks)
    {
        if (group.Inodes is not { } header) return false;
        var collect = new Collect
        {
            First = first < Geometry.InodesPerChunk ? 0 : first - (Geometry.InodesPerChunk - 1),
            Last = last,
            Sparse = volume.Features.SparseInodes,
            AgInodes = (ulong)group.Blocks << volume.Geometry.InodesPerBlockLog,
            Chunks = chunks,
        };
        BtreeWalk.Run(volume, group, BtreeFormat.Inobt, header.Inobt, ref collect);
        return !collect.IsLost;
    }

    private struct Collect : IBtreeVisitor
    {
        public required uint First;
        public required uint Last;
        public required bool Sparse;
        public required ulong AgInodes;
        public required List<InodeChunkRecord> Chunks;
        public bool IsLost;

        public readonly bool Wants(uint low, uint high) => low <= Last && high >= First;

        public readonly void Block(AgBlock block, int level)
        {
        }

        public void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                InodeChunkRecord chunk = InodeChunkRecord.Read(leaf.Record(i), Sparse);
                if (chunk.Start < First || chunk.Start > Last) continue;
                // A sparse chunk may begin before, or end after, what is there.
                if (chunk.Start < AgInodes) Chunks.Add(chunk);
                else IsLost = true;
            }
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }
}
