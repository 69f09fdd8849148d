// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Linux.Devices;

/// <summary>What a list of a disk says of one device on it.</summary>
/// <param name="Ranges">Bytes of that device that it names.</param>
/// <param name="Scope">Bytes of that device that it speaks of.</param>
public readonly record struct ListPlace(DeviceIdentity Device, ByteRangeSet Ranges, ByteRangeSet Scope);

/// <summary>
/// Where a list of a disk's bad bytes lies for those who hold them: what lies in a partition is the partition's, what
/// lies in none the disk's own.
/// </summary>
public static class ListPlaces
{
    /// <param name="ranges">Bytes of the disk.</param>
    /// <param name="scope">Bytes of the disk that the list speaks of.</param>
    public static IEnumerable<ListPlace> Of(
        BlockDevice disk, ByteRangeSet ranges, ByteRangeSet scope, KernelRoots roots)
    {
        if (disk.Size is not > 0) yield break;
        var outside = ByteRangeSet.From([new ByteRange(0, disk.Size.Value)]);
        foreach (BlockDevice partition in disk.Partitions)
        {
            long start = partition.PartitionStart;
            if (partition.Size is not > 0 || start < 0 || partition.Size > long.MaxValue - start) continue;
            var place = new ByteRange(start, partition.Size.Value);
            outside = outside.Except(ByteRangeSet.From([place]));
            yield return new(DeviceIdentities.Of(partition, roots), Within(ranges, place), Within(scope, place));
        }

        if (outside.IsEmpty) yield break;
        yield return new(DeviceIdentities.Of(disk, roots), ranges.Intersect(outside), scope.Intersect(outside));
    }

    private static ByteRangeSet Within(ByteRangeSet ranges, ByteRange place) => ByteRangeSet.From(
        ranges.Within(place).Select(range => new ByteRange(range.Offset - place.Offset, range.Length)));
}
