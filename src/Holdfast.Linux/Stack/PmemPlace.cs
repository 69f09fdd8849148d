// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>Bytes of persistent memory by their physical address, and the block device that has them.</summary>
/// <param name="Bytes">Of the device; as long.</param>
/// <param name="Physical">Addresses of the machine.</param>
public readonly record struct PmemPlace(BlockDevice Device, ByteRange Bytes, ByteRange Physical)
{
    /// <summary>
    /// What block devices have at physical addresses, by device. Nothing where they are none's, in sector mode, or
    /// where the kernel does not tell (it tells root).
    /// </summary>
    public static IEnumerable<PmemPlace> At(ByteRangeSet physical, KernelRoots roots)
    {
        foreach (BlockDevice device in BlockDevice.All(roots))
        {
            if (device.Pmem?.Data is not { } data) continue;
            foreach (ByteRange hit in physical.Within(data))
            {
                yield return new(device, new(hit.Offset - data.Offset, hit.Length), hit);
            }
        }
    }

    /// <summary>Where bytes of a device are in physical memory; null where it has none, or it is not told.</summary>
    public static PmemPlace? Of(BlockDevice device, ByteRange bytes)
    {
        if (device.Pmem?.Data is not { } data) return null;
        ByteRange hit = bytes.Intersect(new(0, data.Length));
        return new(device, hit, new(data.Offset + hit.Offset, hit.Length));
    }
}
