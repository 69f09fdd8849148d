// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Where a failed request of a disk lies for those who hold it: the kernel tells of the whole disk, and what lies in a
/// partition is the partition's. What lies in none is the disk's own.
/// </summary>
internal static class EventPlaces
{
    internal static IEnumerable<(DeviceIdentity Device, ByteRangeSet Ranges)> Of(
        BlockDevice disk, ByteRangeSet ranges, KernelRoots roots)
    {
        foreach (BlockDevice partition in disk.Partitions)
        {
            long start = partition.PartitionStart;
            if (partition.Size is not > 0 || start < 0) continue;
            var place = new ByteRange(start, partition.Size.Value);
            var inside = ByteRangeSet.From(ranges.Within(place));
            if (inside.IsEmpty || DeviceIdentities.Find(partition.Node, roots) is not { } identity) continue;
            ranges = ranges.Except(inside);
            yield return (identity, ByteRangeSet.From(
                inside.Select(range => new ByteRange(range.Offset - start, range.Length))));
        }

        if (ranges.IsEmpty || disk.Size is not > 0) yield break;
        if (DeviceIdentities.Find(disk.Node, roots) is { } whole) yield return (whole, ranges);
    }
}
