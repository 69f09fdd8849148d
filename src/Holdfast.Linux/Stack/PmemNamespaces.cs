// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>Where the bytes of a persistent-memory block device, or of a partition of one, are in memory.</summary>
public static class PmemNamespaces
{
    /// <param name="name">Of the block device or partition, as in /sys/class/block.</param>
    /// <param name="why">Where there are none: why.</param>
    /// <returns>The physical addresses of the device's bytes; null where they have none, or none that can be told.
    /// </returns>
    public static ByteRange? Find(KernelRoots roots, string name, out string why)
    {
        why = $"{name} is no persistent memory";
        if (BlockDevice.Find(roots, name) is not { } device) return null;
        if ((device.Disk ?? device).Pmem is not { } pmem) return null;
        why = pmem.IsMapped
            ? $"{name} is in sector mode: its sectors have no place of their own in memory"
            : $"where {name} lies in memory is not told";
        long start = device.PartitionNumber is null ? 0 : device.PartitionStart;
        if (pmem.Data is not { } data || start < 0 || start >= data.Length) return null;
        ByteRange rest = ByteRange.FromTo(data.Offset + start, data.End);
        return rest.Intersect(new(rest.Offset, device.Size ?? rest.Length));
    }
}
