// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;

namespace Holdfast.Daemon.Filesystems;

/// <summary>Where the devices of a claim lie on others now.</summary>
internal static class ClaimPlaces
{
    internal static IReadOnlyList<DevicePlace> Of(IEnumerable<HolderRange> ranges, KernelRoots roots)
    {
        var places = new FailurePlaces(roots);
        return [.. ranges.SelectMany(range => Of(range, places, roots))];
    }

    private static IEnumerable<DevicePlace> Of(HolderRange range, FailurePlaces places, KernelRoots roots)
    {
        // An image that no loop device is over lies somewhere, too; nothing but itself is heard of it.
        if (BlockDevice.At(range.Device.Name, roots) is not { } device) return [];
        ByteRange bytes = range.Range;
        if (bytes.IsEmpty && range.Device.Size is { } size && size > bytes.Offset)
        {
            bytes = ByteRange.FromTo(bytes.Offset, size);
        }

        try
        {
            return places.Of(device, ByteRangeSet.From([bytes])).Select(
                at => new DevicePlace(range.Device, at.Above, at.Identity, at.Below.Offset));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What cannot be followed now is tried again with the claim's next word.
            return [];
        }
    }
}
