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
        if (disk.Size is not > 0) return [];
        var whole = ByteRangeSet.From([new ByteRange(0, disk.Size.Value)]);
        return ListPlaces.Of(disk, ranges, whole, roots).Select(
            place => new BadBlockList(place.Device, source, place.Ranges, place.Scope, IsWhole: true, gap));
    }

    /// <summary>Whether it says the same as another one of the same device and source.</summary>
    internal bool IsSame(BadBlockList other) => Ranges.SequenceEqual(other.Ranges) && Gap is null == other.Gap is null
        && Scope.SequenceEqual(other.Scope);
}
