// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Stack;

/// <summary>Bytes of a device that are kept under the name of a device below it.</summary>
/// <param name="Above">
/// Bytes as the identity of the device above counts them: of a loop device, those of its file.
/// </param>
/// <param name="Below">Bytes as the identity of the device below counts them; as many.</param>
public readonly record struct FailurePlace(ByteRange Above, DeviceIdentity Identity, ByteRange Below);

/// <summary>
/// Under which device's name the failures of bytes are kept, so that one fault which is heard at several layers is one
/// failure (C8): the lowest device on the way down that has a lasting identity, or a filesystem that is held. What has
/// none is a name of today, and stays with the device itself.
/// </summary>
public sealed class FailurePlaces(KernelRoots roots)
{
    /// <summary>Devices on one another beyond this are a mistake, not a machine.</summary>
    private const int DepthMax = 32;

    private HashSet<DeviceNumber>? _held;

    /// <param name="ranges">As the device's identity counts bytes.</param>
    /// <returns>In the order of the device; what is not named stays with it.</returns>
    public IReadOnlyList<FailurePlace> Of(BlockDevice device, ByteRangeSet ranges)
    {
        bool liesOnOthers = device.IsLoop || device.IsRaid || device.MappedName is not null
            || device.PartitionNumber is not null;
        if (!liesOnOthers) return [];
        long start = device.LoopOffset;
        return
        [
            .. Below(device, ranges.MovedBy(-start), 0).OrderBy(at => at.Above).Select(at => new FailurePlace(
                new(at.Above.Offset + start, at.Above.Length), at.Identity,
                new(at.Below.Offset + at.Device.LoopOffset, at.Below.Length))),
        ];
    }

    /// <summary>Where bytes are kept below a device, by the bytes of both.</summary>
    private List<LowestPlace> Below(BlockDevice device, ByteRangeSet ranges, int depth)
    {
        var found = new List<LowestPlace>();
        if (depth >= DepthMax) return found;
        foreach (LowestPlace place in Next(device, ranges))
        {
            List<LowestPlace> deeper = Below(place.Device, ByteRangeSet.From([place.Below]), depth + 1);
            found.AddRange(deeper.Select(at => at with { Above = Carried(at.Above, place) }));
            if (!Keeps(place.Device, place.Identity)) continue;
            // What goes no deeper is kept here.
            foreach (ByteRange rest in ByteRangeSet.From(deeper.Select(at => at.Above)).Gaps(place.Below))
            {
                found.Add(place with { Below = rest, Above = Carried(rest, place) });
            }
        }

        return found;
    }

    /// <summary>The next device down that keeps failures, or the last of all.</summary>
    private IReadOnlyList<LowestPlace> Next(BlockDevice device, ByteRangeSet ranges)
    {
        if (device.PartitionNumber is null) return LowestPlaces.Of(device, ranges, roots, Keeps).Places;
        // A partition keeps its own; only where its whole disk lies on something else does it go further down.
        if (device.Disk is not { } disk) return [];
        long start = device.PartitionStart;
        return
        [
            .. LowestPlaces.Of(disk, ranges.MovedBy(start), roots, Keeps).Places.Select(
                at => at with { Above = new(at.Above.Offset - start, at.Above.Length) }),
        ];
    }

    private bool Keeps(BlockDevice device) =>
        DeviceIdentities.Find(device.Node, roots) is { } identity && Keeps(device, identity);

    private bool Keeps(BlockDevice device, DeviceIdentity identity)
    {
        if (identity.IsStable) return true;
        _held ??= [.. XfsInKernel.ReadAll(roots).Select(at => at.Device)];
        return _held.Contains(device.Number);
    }

    private static ByteRange Carried(ByteRange below, LowestPlace place) =>
        new(below.Offset - place.Below.Offset + place.Above.Offset, below.Length);
}
