// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// An inode with other extents than it has, as the log holds it: the regions of one item. Sources of the formats:
/// xfs_log_format.h (struct xfs_inode_log_format, struct xfs_log_dinode), in host byte order, extents in big-endian.
/// </summary>
internal static class InodeRegions
{
    private const int ClusterBytesOfSmallest = 8192;
    private const int InodeSizeMin = 256;

    /// <summary>The widths of a version 3 core's fields, in order; what is no number is given byte by byte.</summary>
    private static readonly int[] Widths =
    [
        2, 2, 1, 1, 2, 4, 4, 4, 2, 2, 8, 8, 8, 8, 8, 8, 4, 4, 2, 1, 1, 4, 2, 2, 4, 4, 4, 8, 8, 8, 4,
        .. Enumerable.Repeat(1, 12), 8, 8, .. Enumerable.Repeat(1, 16),
    ];

    /// <param name="inode">On disk, its extents in the inode.</param>
    /// <param name="extents">What the data fork shall have.</param>
    internal static byte[][] Of(
        Geometry geometry, InodeNumber number, ReadOnlySpan<byte> inode, IReadOnlyList<ExtentRecord> extents)
    {
        byte[] fork = [.. extents.SelectMany(Bytes)];
        byte[] changed = inode[..Inode.CoreSizeV3].ToArray();
        int countAt = geometry.Features.LargeExtentCounts ? Inode.BigExtentsAt + sizeof(uint) : Inode.ExtentsAt;
        uint before = BinaryPrimitives.ReadUInt32BigEndian(changed.AsSpan(countAt));
        ulong blocks = BinaryPrimitives.ReadUInt64BigEndian(changed.AsSpan(Inode.BlocksAt));
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(countAt), (uint)extents.Count);
        BinaryPrimitives.WriteUInt64BigEndian(
            changed.AsSpan(Inode.BlocksAt), blocks - BlocksOf(inode, before) + Blocks(extents));
        byte[] core = HostOrder(changed, geometry.Features.BigTime);
        uint parts = (uint)(InodeParts.Core | (fork.Length > 0 ? InodeParts.DataExtents : 0));
        ushort regions = (ushort)(fork.Length > 0 ? 3 : 2);
        byte[] format =
        [
            .. Host((ushort)LogItemType.Inode), .. Host(regions), .. Host(parts), .. Host((ushort)0),
            .. Host((ushort)fork.Length), .. Host(0u), .. Host(number.Value), .. new byte[16],
            .. Place(geometry, number),
        ];
        return fork.Length > 0 ? [format, core, fork] : [format, core];
    }

    private static ulong BlocksOf(ReadOnlySpan<byte> inode, uint count)
    {
        ulong blocks = 0;
        for (int i = 0; i < count; i++)
        {
            int at = Inode.CoreSizeV3 + i * ExtentRecord.Size;
            blocks += ExtentRecord.Read(inode.Slice(at, ExtentRecord.Size)).Length;
        }

        return blocks;
    }

    private static ulong Blocks(IReadOnlyList<ExtentRecord> extents) =>
        (ulong)extents.Sum(extent => extent.Length);

    /// <summary>Disk address, length and offset of the buffer that the inode lies in: a cluster of inodes.</summary>
    private static byte[] Place(Geometry geometry, InodeNumber number)
    {
        int cluster = Math.Max(geometry.BlockSize, ClusterBytesOfSmallest * (geometry.InodeSize / InodeSizeMin));
        long at = geometry.ByteOf(number);
        long group = geometry.ByteOf(geometry.AgOf(number), new(0));
        long start = group + (at - group) / cluster * cluster;
        return [.. Host(start / DiskAddress.Size), .. Host(cluster / DiskAddress.Size), .. Host((int)(at - start))];
    }

    private static byte[] HostOrder(byte[] core, bool hasBigTime)
    {
        byte[] host = (byte[])core.Clone();
        int at = 0;
        foreach (int width in Widths)
        {
            bool isTime = at is Inode.AccessTimeAt or Inode.ModifyTimeAt or Inode.ChangeTimeAt or Inode.CreationTimeAt;
            if (isTime && !hasBigTime)
            {
                host.AsSpan(at, sizeof(uint)).Reverse();
                host.AsSpan(at + sizeof(uint), sizeof(uint)).Reverse();
            }
            else
            {
                host.AsSpan(at, width).Reverse();
            }

            at += width;
        }

        if (at != Inode.CoreSizeV3) throw new InvalidOperationException($"widths add up to {at}");
        return host;
    }

    /// <summary>Unwritten flag, 54 bits of offset, 52 of start, 21 of length.</summary>
    private static byte[] Bytes(ExtentRecord extent)
    {
        byte[] bytes = new byte[ExtentRecord.Size];
        ulong high = (extent.Unwritten ? 1ul << 63 : 0) | extent.Offset.Value << 9 | extent.Start.Value >> 43;
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(
            bytes.AsSpan(sizeof(ulong)), extent.Start.Value << 21 | extent.Length);
        return bytes;
    }
}
