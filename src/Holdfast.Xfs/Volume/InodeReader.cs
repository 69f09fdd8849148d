// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>Reads single inodes by number.</summary>
internal static class InodeReader
{
    /// <param name="buffer">At least one inode long; the view borrows it.</param>
    /// <returns>None, or why the inode cannot be believed; not yet reported to the volume's faults.</returns>
    public static BlockFault TryRead(XfsVolume volume, InodeNumber number, Span<byte> buffer, out Inode inode)
    {
        inode = default;
        if (!volume.Geometry.IsValid(number))
        {
            return BlockFault.Bad("inode number", $"{number} is no place on the device");
        }
        Span<byte> bytes = buffer[..volume.Geometry.InodeSize];
        ReadFault read = volume.Data.Read(volume.Geometry.ByteOf(number), bytes);
        return read.IsNone
            ? Inode.TryOpen(bytes, number, volume.Features.IsV5, volume.Geometry.MetadataUuid, out inode)
            : BlockFault.Unreadable(read);
    }

    /// <summary>As <see cref="TryRead"/>, with the fault reported.</summary>
    public static bool Read(XfsVolume volume, InodeNumber number, Span<byte> buffer, out Inode inode)
    {
        BlockFault fault = TryRead(volume, number, buffer, out inode);
        if (fault.IsNone && inode.IsFree) fault = BlockFault.Bad("di_mode", "0: the inode is free");
        if (fault.IsNone) return true;
        long offset = volume.Geometry.IsValid(number) ? volume.Geometry.ByteOf(number) : 0;
        volume.Faults.Add(fault, DeviceRole.Data, offset, volume.Geometry.InodeSize, $"inode {number}");
        return false;
    }
}
