// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>Free space of one group, from its bnobt.</summary>
internal static class FreeSpace
{
    /// <summary>The free ranges (bytes of the device) that touch <paramref name="window"/>; all where it is
    /// null.</summary>
    /// <returns>Null where the tree could not be believed where it was needed.</returns>
    public static List<ByteRange>? Read(XfsVolume volume, AllocationGroup group, ByteRangeSet? window)
    {
        if (group.Free is not { } header) return null;
        var collect = new Collect { Geometry = volume.Geometry, Ag = group.Number, Window = window, Free = [] };
        BtreeWalk.Run(volume, group, BtreeFormat.Bnobt, header.Bnobt, ref collect);
        return collect.IsLost ? null : collect.Free;
    }

    private struct Collect : IBtreeVisitor
    {
        public required Geometry Geometry;
        public required uint Ag;
        public required ByteRangeSet? Window;
        public required List<ByteRange> Free;
        public bool IsLost;

        // A key names where a run starts, not how far it reaches: the run before the window may reach into it, and
        // the next key bounds it.
        public readonly bool Wants(uint low, uint high) => Window is null
            || Window.Overlaps(Geometry.ByteOf(Ag, new(low)), (long)(high - low + 1ul) << Geometry.BlockLog);

        public readonly void Block(AgBlock block, int level)
        {
        }

        public readonly void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                FreeRecord record = FreeRecord.Read(leaf.Record(i));
                long start = Geometry.ByteOf(Ag, record.Start);
                long length = (long)record.Length << Geometry.BlockLog;
                if (Window is null || Window.Overlaps(start, length)) Free.Add(new(start, length));
            }
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }
}
