// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>A directory's entries as a list in its inode (struct xfs_dir2_sf_hdr and what follows).</summary>
internal static class ShortFormDirectoryList
{
    private const int EntriesMax = byte.MaxValue;

    /// <returns>Null where it has no room there.</returns>
    public static byte[]? Of(in DirectoryDataBlock block, bool hasFileTypes, int room)
    {
        int count = 0;
        int wide = 0;
        int names = 0;
        ulong parent = 0;
        foreach (DirectoryEntry entry in block)
        {
            if (!entry.IsDot && entry.Inode.Value > uint.MaxValue) wide++;
            if (entry.IsDotDot) parent = entry.Inode.Value;
            if (entry.IsDot || entry.IsDotDot) continue;
            count++;
            names += entry.Name.Length;
        }

        bool isWide = wide > 0;
        int header = DirectoryShortForm.At.ParentAt + DirectoryShortForm.At.InodeSizeOf(isWide);
        int size = header + names + count * DirectoryShortForm.At.EntrySizeOf(0, isWide, hasFileTypes);
        if (size > room || count > EntriesMax) return null;
        byte[] list = new byte[size];
        list[DirectoryShortForm.At.CountAt] = (byte)count;
        list[DirectoryShortForm.At.WideCountAt] = (byte)wide;
        Put(list.AsSpan(DirectoryShortForm.At.ParentAt), parent, isWide);
        int at = header;
        foreach (DirectoryEntry entry in block)
        {
            if (entry.IsDot || entry.IsDotDot) continue;
            Span<byte> place = list.AsSpan(at);
            place[DirectoryShortForm.At.NameLengthAt] = (byte)entry.Name.Length;
            BinaryPrimitives.WriteUInt16BigEndian(
                place[DirectoryShortForm.At.OffsetAt..], (ushort)entry.Offset);
            entry.Name.CopyTo(place[DirectoryShortForm.At.NameAt..]);
            int after = DirectoryShortForm.At.NameAt + entry.Name.Length;
            if (hasFileTypes) place[after++] = (byte)entry.FileType;
            Put(place[after..], entry.Inode.Value, isWide);
            at += DirectoryShortForm.At.EntrySizeOf(entry.Name.Length, isWide, hasFileTypes);
        }

        return list;
    }

    private static void Put(Span<byte> at, ulong inode, bool isWide)
    {
        if (isWide) BinaryPrimitives.WriteUInt64BigEndian(at, inode);
        else BinaryPrimitives.WriteUInt32BigEndian(at, (uint)inode);
    }
}
