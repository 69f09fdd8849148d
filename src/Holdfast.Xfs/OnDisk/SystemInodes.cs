// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Inode numbers of the filesystem's own files that the superblock names; 0 where there is none. With a metadata
/// directory the superblock names none of them: each inode says for itself what it is.
/// </summary>
public sealed record SystemInodes(
    ulong UserQuota, ulong GroupQuota, ulong ProjectQuota, ulong RealtimeBitmap, ulong RealtimeSummary)
{
    // V4 has one inode for group or project quota; which one it is, the quota flags say.
    private const ushort QuotaProjectAccounted = 0x0008;

    public static SystemInodes Of(in Superblock superblock, Features features)
    {
        if (features.MetadataDirectory) return new(0, 0, 0, 0, 0);
        ulong user = features.Quota ? Named(superblock.UserQuotaInode) : 0;
        ulong group = features.Quota ? Named(superblock.GroupQuotaInode) : 0;
        ulong project = features is { Quota: true, IsV5: true } ? Named(superblock.ProjectQuotaInode) : 0;
        if (!features.IsV5 && (superblock.QuotaFlags & QuotaProjectAccounted) != 0) (group, project) = (0, group);
        return new(user, group, project, Named(superblock.RealtimeBitmapInode), Named(superblock.RealtimeSummaryInode));
    }

    private static ulong Named(ulong inode) => inode == ulong.MaxValue ? 0 : inode;
}
