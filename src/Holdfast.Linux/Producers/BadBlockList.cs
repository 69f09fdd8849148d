// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Producers;

/// <summary>All that one source lists of one device now.</summary>
/// <param name="Scope">The bytes that the list speaks of.</param>
/// <param name="IsWhole">
/// Whether it lists all that is bad of them, whoever found it: then the rest of them reads. md lists only what it found
/// itself.
/// </param>
/// <param name="Gap">Why the list is not complete; null where it is.</param>
internal sealed record BadBlockList(
    DeviceIdentity Device, string Source, ByteRangeSet Ranges, ByteRangeSet Scope, bool IsWhole, string? Gap)
{
    /// <summary>A disk's list, carried to its partitions: what lies in one is its own.</summary>
    internal static IEnumerable<BadBlockList> OfDisk(
        BlockDevice disk, string source, ByteRangeSet ranges, string? gap, KernelRoots roots)
    {
        if (disk.Size is not > 0) yield break;
        var outside = ByteRangeSet.From([new ByteRange(0, disk.Size.Value)]);
        foreach (BlockDevice partition in disk.Partitions)
        {
            long start = partition.PartitionStart;
            if (partition.Size is not > 0 || start < 0 || partition.Size > long.MaxValue - start) continue;
            var place = new ByteRange(start, partition.Size.Value);
            if (DeviceIdentities.Find(partition.Node, roots) is not { } identity) continue;
            outside = outside.Except(ByteRangeSet.From([place]));
            yield return new(
                identity, source,
                ByteRangeSet.From(ranges.Within(place).Select(range => new ByteRange(range.Offset - start, range.Length))),
                ByteRangeSet.From([new ByteRange(0, place.Length)]), IsWhole: true, gap);
        }

        if (outside.IsEmpty || DeviceIdentities.Find(disk.Node, roots) is not { } whole) yield break;
        yield return new(whole, source, ranges.Intersect(outside), outside, IsWhole: true, gap);
    }

    /// <summary>Whether it says the same as another one of the same device and source.</summary>
    internal bool IsSame(BadBlockList other) => Ranges.SequenceEqual(other.Ranges) && Gap is null == other.Gap is null
        && Scope.SequenceEqual(other.Scope);
}
