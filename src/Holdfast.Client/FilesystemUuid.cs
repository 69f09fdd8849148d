// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>The UUID of the filesystem that an open file lies on, as the kernel tells it.</summary>
internal static class FilesystemUuid
{
    // linux/fs.h: FS_IOC_GETFSUUID, _IOR(0x15, 0, struct fsuuid2 { u8 len; u8 uuid[16]; }), Linux 6.9.
    private const uint FsIocGetFsUuid = 0x80111500;
    private const int UuidSize = 16;

    // xfs_fs.h: XFS_IOC_FSGEOMETRY_V1, _IOR('X', 100, struct xfs_fsop_geom_v1): the UUID comes after eight numbers of
    // four bytes and four of eight.
    private const uint XfsIocFsGeometryV1 = 0x80705864;
    private const int GeometrySize = 112;
    private const int GeometryUuidAt = (8 * sizeof(uint)) + (4 * sizeof(ulong));

    /// <param name="file">Asked first; may be open for its path alone, then it cannot tell.</param>
    /// <param name="mountPoint">One character a byte. Asked where the file itself cannot be.</param>
    public static string? Of(SafeFileHandle file, string mountPoint)
    {
        if (Of(file) is { } uuid) return uuid;
        using SafeFileHandle root = Native.OpenFolder(Encoding.Latin1.GetBytes(mountPoint));
        return root.IsInvalid ? null : Of(root);
    }

    private static string? Of(SafeFileHandle file)
    {
        Span<byte> answer = stackalloc byte[GeometrySize];
        if (Native.Ask(file, FsIocGetFsUuid, answer) && answer[0] == UuidSize) return Text(answer.Slice(1, UuidSize));
        if (Native.Ask(file, XfsIocFsGeometryV1, answer)) return Text(answer.Slice(GeometryUuidAt, UuidSize));
        return null;
    }

    private static string Text(ReadOnlySpan<byte> uuid) => new Guid(uuid, bigEndian: true).ToString();
}
