// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// XFS_IOC_GETBMAPX (xfs/xfs_fs.h): where a fork's content lies. Nothing is flushed for it: what is not allocated yet
/// is left out. Mappings that continue each other in the file and on disk, in one group and alike in "unwritten", are
/// one row, as in the rmapbt; a row is shared where any block of it is.
/// </summary>
internal sealed unsafe class InodeExtents : IDisposable
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
    private const int RowsACall = 1024;

    private readonly MountedXfs _xfs;
    private readonly Record* _records;
    private readonly long _groupBytes;

    internal InodeExtents(MountedXfs xfs)
    {
        _xfs = xfs;
        _groupBytes = xfs.Geometry.GroupBlocks * xfs.Geometry.BlockSize;
        _records = (Record*)NativeMemory.AllocZeroed((nuint)((RowsACall + 1) * sizeof(Record)));
    }

    /// <param name="each">Rows in the order of the fork, until it answers false.</param>
    /// <param name="from">Byte of the fork to begin at.</param>
    /// <exception cref="KernelRefusal">Its block map cannot be read.</exception>
    internal void ForEach(
        SafeFileHandle file, in MountedInode inode, ForkKind fork, Func<MapRow, bool> each, long from)
    {
        bool isWanted = true;
        ForEach(file, inode, fork, row => isWanted = isWanted && each(row), from / Sector, () => isWanted);
    }

    /// <param name="each">Rows in the order of the fork.</param>
    /// <exception cref="KernelRefusal">Its block map cannot be read.</exception>
    internal void ForEach(SafeFileHandle file, in MountedInode inode, ForkKind fork, Action<MapRow> each) =>
        ForEach(file, inode, fork, each, from: 0, () => true);

    private void ForEach(
        SafeFileHandle file, in MountedInode inode, ForkKind fork, Action<MapRow> each, long from, Func<bool> goesOn)
    {
        DeviceRole device = inode.IsRealtime && fork == ForkKind.Data ? DeviceRole.Realtime : DeviceRole.Data;
        MapRow open = default;
        bool isLast;
        do
        {
            int count = Ask(file, inode.Number, fork, from);
            isLast = count < RowsACall || (_records[count].OutFlags & BMV_OF_LAST) != 0;
            for (int i = 1; i <= count; i++)
            {
                ref Record record = ref _records[i];
                from = record.Offset + record.Length;
                if ((record.OutFlags & BMV_OF_DELALLOC) != 0) continue;
                var row = new MapRow(
                    device, record.Block * Sector, record.Length * Sector, OwnerKind.Inode, inode.Number, fork,
                    record.Offset * Sector, (record.OutFlags & BMV_OF_PREALLOC) != 0,
                    (record.OutFlags & BMV_OF_SHARED) != 0, false);
                if (Continues(in open, in row))
                {
                    open = open with { Length = open.Length + row.Length, Shared = open.Shared | row.Shared };
                    continue;
                }

                if (open.Length > 0) each(open);
                open = row;
            }
        }
        while (!isLast && goesOn());
        if (open.Length > 0) each(open);
    }

    public void Dispose() => NativeMemory.Free(_records);

    private bool Continues(in MapRow open, in MapRow row) =>
        open.Length > 0 && open.End == row.Physical && open.Offset + open.Length == row.Offset
        && open.Unwritten == row.Unwritten && open.Physical / _groupBytes == row.Physical / _groupBytes;

    private int Ask(SafeFileHandle file, ulong inode, ForkKind fork, long from)
    {
        bool isAttribute = fork == ForkKind.Attribute;
        *_records = new()
        {
            Offset = from,
            // Not -1: that ends at the file's size, and a directory's leaves lie far behind it.
            Length = (long.MaxValue / Sector) - from,
            Count = RowsACall + 1,
            InFlags = BMV_IF_DELALLOC | BMV_IF_NO_HOLES | (isAttribute ? BMV_IF_ATTRFORK : BMV_IF_PREALLOC),
        };
        if (Native.Ioctl(file, XFS_IOC_GETBMAPX, _records) != 0)
        {
            throw KernelRefusal.Last(_xfs.Mount.MountPoint, $"XFS_IOC_GETBMAPX of inode {inode}");
        }

        return _records->Entries;
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
