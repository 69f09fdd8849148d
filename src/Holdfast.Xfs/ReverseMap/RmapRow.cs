// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>A record of the rmapbt as a row of the map.</summary>
internal static class RmapRow
{
    public static MapRow Of(Volume.Geometry geometry, uint ag, in RmapRecord record, bool shared)
    {
        long physical = geometry.ByteOf(ag, record.Start);
        long length = (long)record.Length << geometry.BlockLog;
        if (!record.IsInode) return MapRow.Special(DeviceRole.Data, physical, length, OwnerOf(record.Owner));
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
