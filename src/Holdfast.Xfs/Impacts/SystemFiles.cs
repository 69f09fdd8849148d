// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>Inodes that hold the filesystem's own files rather than a user's.</summary>
internal static class SystemFiles
{
    // Types of inodes in the metadata directory tree: xfs_format.h (enum xfs_metafile_type).
    private static readonly string[] MetadataTypes =
    [
        "metadata file", "metadata directory", "user quota", "group quota", "project quota", "realtime bitmap",
        "realtime summary", "realtime rmapbt", "realtime refcountbt",
    ];

    /// <summary>What the file is for; null where it is an ordinary one.</summary>
    public static string? WordFor(Geometry geometry, in Inode inode)
    {
        if (inode.IsMetadata)
        {
            return inode.MetadataType < MetadataTypes.Length ? MetadataTypes[inode.MetadataType] : MetadataTypes[0];
        }

        ulong number = inode.Number.Value;
        if (number == geometry.SystemInodes.UserQuota) return "user quota";
        if (number == geometry.SystemInodes.GroupQuota) return "group quota";
        if (number == geometry.SystemInodes.ProjectQuota) return "project quota";
        if (number == geometry.SystemInodes.RealtimeBitmap) return "realtime bitmap";
        return number == geometry.SystemInodes.RealtimeSummary ? "realtime summary" : null;
    }

    public static bool IsQuota(string word) => word.EndsWith("quota", StringComparison.Ordinal);
}
