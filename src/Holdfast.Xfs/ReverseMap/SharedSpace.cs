// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>What a group's refcountbt knows: blocks with several owners, and blocks staged for copy-on-write.</summary>
internal static class SharedSpace
{
    private const uint CowFlag = 1u << 31;

    /// <summary>Appends the shared ranges (bytes of the device, sorted) that touch the window, or all.</summary>
    /// <returns>False where the tree could not be believed where it was needed.</returns>
    public static bool TryRead(
        XfsVolume volume, AllocationGroup group, ByteRangeSet? window, List<ByteRange> shared, List<ByteRange>? cow)
    {
        if (!volume.Features.Reflink) return true;
        if (group.Free is not { } header) return false;
        var collect = new Collect
        {
            Geometry = volume.Geometry, Ag = group.Number, Window = window, Shared = shared, Cow = cow,
        };
        BtreeWalk.Run(volume, group, BtreeFormat.Refcountbt, header.Refcountbt, ref collect);
        return !collect.IsLost;
    }

    private struct Collect : IBtreeVisitor
    {
        public required Geometry Geometry;
        public required uint Ag;
        public required ByteRangeSet? Window;
        public required List<ByteRange> Shared;
        public required List<ByteRange>? Cow;
        public bool IsLost;

        // Staged blocks sort after all shared ones: the flag is the key's top bit.
        public readonly bool Wants(uint low, uint high)
        {
            if (high >= CowFlag && Cow is not null) return true;
            if (low >= CowFlag) return false;
            high = Math.Min(high, CowFlag - 1);
            return Window is null
                || Window.Overlaps(Geometry.ByteOf(Ag, new(low)), (long)(high - low + 1ul) << Geometry.BlockLog);
        }

        public readonly void Block(AgBlock block, int level)
        {
        }

        public readonly void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                RefcountRecord record = RefcountRecord.Read(leaf.Record(i));
                long start = Geometry.ByteOf(Ag, record.Start);
                long length = (long)record.Length << Geometry.BlockLog;
                if (Window is not null && !Window.Overlaps(start, length)) continue;
                if (record.IsCow) Cow?.Add(new(start, length));
                else if (record.Count > 1) Shared.Add(new(start, length));
            }
        }

        public void Lost(AgBlock block, int level, uint low, uint high) => IsLost = true;
    }
}
