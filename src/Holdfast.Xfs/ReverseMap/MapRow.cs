// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>One row of the reverse map, as FS_IOC_GETFSMAP gives it. Bytes of the device.</summary>
/// <param name="Inode">0 where the owner is no inode.</param>
/// <param name="Offset">Byte offset in the fork; 0 for block-map blocks and owners that are no inode.</param>
public readonly record struct MapRow(
    DeviceRole Device, long Physical, long Length, OwnerKind Owner, ulong Inode, ForkKind Fork, long Offset,
    bool Unwritten, bool Shared, bool BlockMap)
{
    public static MapRow Special(DeviceRole device, long physical, long length, OwnerKind owner) =>
        new(device, physical, length, owner, 0, ForkKind.Data, 0, false, false, false);

    public static MapRow Of(Volume.Geometry geometry, uint ag, in RmapRecord record, bool shared)
    {
        long physical = geometry.ByteOf(ag, record.Start);
        long length = (long)record.Length << geometry.BlockLog;
        if (!record.IsInode) return Special(DeviceRole.Data, physical, length, OwnerOf(record.Owner));
        return new(
            DeviceRole.Data, physical, length, OwnerKind.Inode, record.Owner,
            record.IsAttributeFork ? ForkKind.Attribute : ForkKind.Data,
            record.IsBlockMap ? 0 : (long)record.Offset.Value << geometry.BlockLog,
            record.IsUnwritten, shared, record.IsBlockMap);
    }

    public static OwnerKind OwnerOf(ulong owner) => owner switch
    {
        RmapOwner.Filesystem => OwnerKind.Filesystem,
        RmapOwner.Log => OwnerKind.Log,
        RmapOwner.Ag => OwnerKind.Ag,
        RmapOwner.InodeBtree => OwnerKind.InodeBtree,
        RmapOwner.Inodes => OwnerKind.Inodes,
        RmapOwner.Refcount => OwnerKind.RefcountBtree,
        RmapOwner.Cow => OwnerKind.CowStaging,
        _ => (long)owner >= 0 ? OwnerKind.Inode : OwnerKind.Unknown,
    };
}
