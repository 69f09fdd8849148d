// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>Which allocated inodes a bad range in an inode chunk costs, and which space they owned.</summary>
internal sealed class LostInodeFinder(XfsVolume volume)
{
    /// <summary>The allocated inodes that touch the bytes; null where the inode btree cannot tell.</summary>
    public List<ulong>? InodesIn(uint ag, ByteRange bytes)
    {
        Geometry geometry = volume.Geometry;
        long agStart = geometry.ByteOf(ag, new(0));
        uint first = (uint)((bytes.Offset - agStart) / geometry.InodeSize);
        uint last = (uint)((bytes.End - 1 - agStart) / geometry.InodeSize);
        // Group-relative inode numbers have no gaps but where a block is not filled, which never happens: sizes are
        // powers of two.
        var chunks = new List<InodeChunkRecord>();
        if (!InodeChunks.TryRead(volume, volume.Group(ag), first, last, chunks)) return null;
        var lost = new List<ulong>();
        foreach (InodeChunkRecord chunk in chunks)
        {
            for (ulong mask = chunk.AllocatedMask; mask != 0; mask &= mask - 1)
            {
                uint inode = chunk.Start + (uint)BitOperations.TrailingZeroCount(mask);
                if (inode >= first && inode <= last) lost.Add(geometry.InodeOf(ag, inode).Value);
            }
        }

        return lost;
    }

    /// <summary>
    /// The space of lost inodes, from every group's rmapbt: the one question that takes a pass over the whole reverse
    /// map, because it is not ordered by owner.
    /// </summary>
    /// <returns>Null where there is no rmapbt, or one cannot be read.</returns>
    public Dictionary<ulong, List<ByteRange>>? SpaceOf(IReadOnlySet<ulong> inodes, CancellationToken cancellationToken)
    {
        if (!volume.Features.ReverseMapBtree) return null;
        var crew = new Crew<List<(ulong Inode, ByteRange Bytes)>>(() => []);
        int failed = 0;
        crew.Run(
            (int)volume.Geometry.AgCount,
            (found, ag) =>
            {
                bool read = RmapbtReader.TryReadAll(volume, volume.Group((uint)ag), record =>
                {
                    if (!record.IsInode || !inodes.Contains(record.Owner)) return;
                    long start = volume.Geometry.ByteOf((uint)ag, record.Start);
                    found.Add((record.Owner, new(start, (long)record.Length << volume.Geometry.BlockLog)));
                });
                if (!read) Interlocked.Increment(ref failed);
                return read;
            },
            cancellationToken);
        if (failed > 0) return null;
        return crew.Workers.SelectMany(f => f).GroupBy(f => f.Inode)
            .ToDictionary(g => g.Key, g => g.Select(f => f.Bytes).Order().ToList());
    }
}
