// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>Bytes of a device, and the ones below that they are.</summary>
/// <param name="Device">The lowest device that they lie on in one place each.</param>
/// <param name="Identity">What that device is called for good.</param>
/// <param name="Below">Bytes of that device.</param>
/// <param name="Above">Bytes of the device that was asked about; as long.</param>
public sealed record LowestPlace(BlockDevice Device, DeviceIdentity Identity, ByteRange Below, ByteRange Above);

/// <summary>
/// Where bytes of a device lie at the lowest, so that one fault heard at several layers is one failure (C8). Followed
/// down is what has one place for each byte: a loop device through its file to the device of the filesystem around it,
/// device-mapper's linear, striped and crypt, md's linear and raid0, and multipath where all paths are one disk by
/// name. It ends at disks, partitions (which keep their own failures), pmem, at what has copies or parity, and at what
/// cannot be followed.
/// </summary>
/// <param name="Places">In the order of the device that was asked about. A byte is in at most one of them.</param>
/// <param name="Kept">
/// Bytes that stay with that device: it is the lowest itself, they are a hole or only in memory, or there would be more
/// than <see cref="PlacesMax"/> places.
/// </param>
public sealed record LowestPlaces(IReadOnlyList<LowestPlace> Places, ByteRangeSet Kept)
{
    /// <summary>What falls into more pieces than this stays where it is.</summary>
    public const int PlacesMax = 65_536;

    /// <param name="device">The device at which the ranges were heard of.</param>
    /// <param name="ranges">Bytes of it; what lies behind its end stays with it.</param>
    /// <param name="endsAt">Where the way down is to end, too; null: nowhere. Not asked of the device itself.</param>
    /// <param name="tableOf">As for <see cref="DeviceGraph"/>; null: the kernel is asked.</param>
    public static LowestPlaces Of(
        BlockDevice device, ByteRangeSet ranges, KernelRoots roots, Func<BlockDevice, bool>? endsAt = null,
        Func<BlockDevice, string?>? tableOf = null)
    {
        var steps = new StackSteps(roots, tableOf ?? (at => MapperControl.TableOf(at, roots)));
        var descent = new LowestDescent(steps, roots, endsAt ?? (_ => false));
        descent.Follow(device, ranges);
        return new(descent.Places, descent.Kept);
    }
}
