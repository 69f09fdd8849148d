// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>One row of the reverse map, as FS_IOC_GETFSMAP gives it. Bytes of the device.</summary>
/// <param name="Inode">0 where the owner is no inode.</param>
/// <param name="Offset">Byte offset in the fork; 0 for block-map blocks and owners that are no inode.</param>
public readonly record struct MapRow(
    DeviceRole Device, long Physical, long Length, OwnerKind Owner, ulong Inode, ForkKind Fork, long Offset,
    bool Unwritten, bool Shared, bool BlockMap)
{
    /// <summary>The first byte behind it.</summary>
    public long End => Physical + Length;

    public static MapRow Special(DeviceRole device, long physical, long length, OwnerKind owner) =>
        new(device, physical, length, owner, 0, ForkKind.Data, 0, false, false, false);
}
