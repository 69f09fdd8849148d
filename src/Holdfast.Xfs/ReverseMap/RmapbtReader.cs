// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// The reverse map of one group from its rmapbt. A question reads only the blocks whose keys reach into its ranges,
/// each once, however many ranges it has.
/// </summary>
internal static class RmapbtReader
{
    /// <summary>Appends the records that touch the ranges (bytes of the device), in record order.</summary>
    /// <returns>False where the tree could not be believed where it was needed; the faults are reported.</returns>
    public static bool TryQuery(XfsVolume volume, AllocationGroup group, ByteRangeSet ranges, List<OwnedExtent> found)
    {
        if (group.Free is not { } header) return false;
        var query = new Query { Geometry = volume.Geometry, Ag = group.Number, Ranges = ranges, Found = found };
        BtreeWalk.Run(volume, group, BtreeFormat.Rmapbt, header.Rmapbt, ref query);
        return !query.IsLost;
    }

    /// <summary>Hands every record of the group to <paramref name="each"/>, in order.</summary>
    public static bool TryReadAll(XfsVolume volume, AllocationGroup group, Action<RmapRecord> each)
    {
        if (group.Free is not { } header) return false;
        var all = new All { Each = each };
        BtreeWalk.Run(volume, group, BtreeFormat.Rmapbt, header.Rmapbt, ref all);
        return !all.IsLost;
    }

    private struct Query : IBtreeVisitor
    {
        public required Geometry Geometry;
        public required uint Ag;
        public required ByteRangeSet Ranges;
        public required List<OwnedExtent> Found;
        public bool IsLost;

        public readonly bool Wants(uint low, uint high) =>
            Ranges.Overlaps(Geometry.ByteOf(Ag, new(low)), (long)(high - low + 1ul) << Geometry.BlockLog);

        public readonly void Block(AgBlock block, int level)
        {
        }

        public readonly void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                RmapRecord record = RmapRecord.Read(leaf.Record(i));
                if (Ranges.Overlaps(Geometry.ByteOf(Ag, record.Start), (long)record.Length << Geometry.BlockLog))
                {
                    Found.Add(new(Ag, record));
                }
            }
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }

    private struct All : IBtreeVisitor
    {
        public required Action<RmapRecord> Each;
        public bool IsLost;

        public readonly bool Wants(uint low, uint high) => true;

        public readonly void Block(AgBlock block, int level)
        {
        }

        public readonly void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++) Each(RmapRecord.Read(leaf.Record(i)));
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }
}
