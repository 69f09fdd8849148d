// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Testing.Kernel;

/// <summary>XFS_IOC_GETBMAPX (xfs/xfs_fs.h): the extents of regular files and directories, both forks.</summary>
public static unsafe class Bmap
{
    private const nuint XFS_IOC_GETBMAPX = 0xC0205838;
    private const uint BMV_IF_ATTRFORK = 1;
    private const uint BMV_IF_PREALLOC = 4;
    private const uint BMV_IF_DELALLOC = 8;
    private const uint BMV_IF_NO_HOLES = 0x10;
    private const uint BMV_OF_PREALLOC = 1;
    private const uint BMV_OF_DELALLOC = 2;
    private const uint BMV_OF_LAST = 4;
    private const uint BMV_OF_SHARED = 8;
    private const long Sector = 512;
    private const int RowsACall = 4096;

    /// <summary>
    /// Rows by inode, fork and offset, split where the kernel splits them (also where sharing changes).
    /// </summary>
    public static IReadOnlyList<FsmapRow> ReadAll(Tree root, IEnumerable<InodeStat> inodes)
    {
        var rows = new List<FsmapRow>();
        var handle = new InodeHandle(root);
        var buffer = (Record*)NativeMemory.AllocZeroed((nuint)((RowsACall + 1) * sizeof(Record)));
        try
        {
            foreach (InodeStat inode in inodes.Where(inode => inode.IsMappable))
            {
                int fd = handle.Open(in inode);
                try
                {
                    ReadFork(fd, inode.Inode, ForkKind.Data, buffer, rows);
                    ReadFork(fd, inode.Inode, ForkKind.Attribute, buffer, rows);
                }
                finally
                {
                    _ = Posix.Close(fd);
                }
            }

            return rows;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    private static void ReadFork(int fd, ulong inode, ForkKind fork, Record* head, List<FsmapRow> rows)
    {
        long from = 0;
        for (; ;)
        {
            *head = new()
            {
                Offset = from,
                // Not -1: that ends at the file's size, and a directory's leaves lie far behind it.
                Length = (long.MaxValue / Sector) - from,
                Count = RowsACall + 1,
                InFlags = BMV_IF_PREALLOC | BMV_IF_DELALLOC | BMV_IF_NO_HOLES
                    | (fork == ForkKind.Attribute ? BMV_IF_ATTRFORK : 0),
            };
            if (fork == ForkKind.Attribute) head->InFlags &= ~BMV_IF_PREALLOC;
            Posix.Require(Posix.Ioctl(fd, XFS_IOC_GETBMAPX, head), $"XFS_IOC_GETBMAPX of inode {inode}");
            for (int i = 1; i <= head->Entries; i++)
            {
                Record record = head[i];
                if ((record.OutFlags & BMV_OF_DELALLOC) != 0) continue; // not on the device yet
                rows.Add(new(
                    DeviceRole.Data, record.Block * Sector, record.Length * Sector, OwnerKind.Inode, inode, fork,
                    record.Offset * Sector, (record.OutFlags & BMV_OF_PREALLOC) != 0,
                    (record.OutFlags & BMV_OF_SHARED) != 0));
            }

            if (head->Entries < RowsACall || (head[head->Entries].OutFlags & BMV_OF_LAST) != 0) return;
            from = head[head->Entries].Offset + head[head->Entries].Length;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public long Offset;
        public long Block;
        public long Length;
        public int Count;
        public int Entries;
        public uint InFlags;
        public uint OutFlags;
        public int Unused1;
        public int Unused2;
    }
}
