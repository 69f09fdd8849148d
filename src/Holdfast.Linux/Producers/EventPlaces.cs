// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Where a failed request of a disk lies for those who hold it: the kernel tells of the whole disk, and what lies in a
/// partition is the partition's. What lies in none is the disk's own. Of a disk that lies on others itself the bytes
/// are theirs: the fault is heard there, too (C8).
/// </summary>
public static class EventPlaces
{
    /// <param name="ranges">Bytes of the disk.</param>
    /// <returns>Bytes as the identities count them: of a loop device, those of its file.</returns>
    public static IEnumerable<(DeviceIdentity Device, ByteRangeSet Ranges)> Of(
        BlockDevice disk, ByteRangeSet ranges, KernelRoots roots)
    {
        long shift = disk.LoopOffset;
        IReadOnlyList<FailurePlace> below = Below(disk, ranges.MovedBy(shift), roots);
        foreach (IGrouping<DeviceIdentity, FailurePlace> on in below.GroupBy(at => at.Identity))
        {
            yield return (on.Key, ByteRangeSet.From(on.Select(at => at.Below)));
        }

        ranges = ranges.Except(ByteRangeSet.From(
            below.Select(at => new ByteRange(at.Above.Offset - shift, at.Above.Length))));
        foreach (BlockDevice partition in disk.Partitions)
        {
            long start = partition.PartitionStart;
            if (partition.Size is not > 0 || start < 0) continue;
            var place = new ByteRange(start, partition.Size.Value);
            var inside = ByteRangeSet.From(ranges.Within(place));
            if (inside.IsEmpty) continue;
            ranges = ranges.Except(inside);
            yield return (DeviceIdentities.Of(partition, roots), inside.MovedBy(-start));
        }

        if (ranges.IsEmpty || disk.Size is not > 0) yield break;
        yield return (DeviceIdentities.Of(disk, roots), ranges.MovedBy(shift));
    }

    /// <summary>An event is kept whatever becomes of looking further down: then it is the disk's own.</summary>
    private static IReadOnlyList<FailurePlace> Below(BlockDevice disk, ByteRangeSet ranges, KernelRoots roots)
    {
        try
        {
            return new FailurePlaces(roots).Of(disk, ranges);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [];
        }
    }
}
