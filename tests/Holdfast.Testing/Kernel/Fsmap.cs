// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Testing.Kernel;

/// <summary>FS_IOC_GETFSMAP (linux/fsmap.h): every row of a mounted filesystem, in the kernel's order.</summary>
public static unsafe class Fsmap
{
    private const nuint FS_IOC_GETFSMAP = 0xC0C0583B;
    private const uint FMH_OF_DEV_T = 1;
    private const uint FMR_OF_PREALLOC = 1;
    private const uint FMR_OF_ATTR_FORK = 2;
    private const uint FMR_OF_EXTENT_MAP = 4;
    private const uint FMR_OF_SHARED = 8;
    private const uint FMR_OF_SPECIAL_OWNER = 0x10;
    private const uint FMR_OF_LAST = 0x20;

    // The kernel collects this many at a time, so that every break between two batches is one of ours.
    private const int RowsACall = 2048;

    /// <summary>
    /// All rows. The kernel offers its last record as the key to go on from, but then it loses the next one where an
    /// inode maps the same blocks twice (seen on 6.18). So each call starts again at the block where the last one
    /// broke off.
    /// </summary>
    /// <param name="root">The root of the mount.</param>
    /// <param name="roleOf">Which of the filesystem's devices a device number is.</param>
    /// <param name="rowsACall">More than any one block has owners; at most 2048.</param>
    public static IReadOnlyList<FsmapRow> ReadAll(
        Tree root, Func<ulong, DeviceRole> roleOf, int rowsACall = RowsACall)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowsACall, RowsACall);
        var rows = new List<FsmapRow>();
        var head = (Head*)NativeMemory.AllocZeroed((nuint)(sizeof(Head) + (rowsACall * sizeof(Record))));
        try
        {
            head->High = new()
            {
                Device = uint.MaxValue, Flags = uint.MaxValue, Physical = ulong.MaxValue, Owner = ulong.MaxValue,
                Offset = ulong.MaxValue,
            };
            var records = (Record*)(head + 1);
            for (; ;)
            {
                head->Count = (uint)rowsACall;
                Posix.Require(Posix.Ioctl(root.Descriptor, FS_IOC_GETFSMAP, head), "FS_IOC_GETFSMAP");
                var batch = new ReadOnlySpan<Record>(records, (int)head->Entries);
                bool isLast = batch.IsEmpty || (batch[^1].Flags & FMR_OF_LAST) != 0;
                if (!isLast) batch = batch[..WholeBlocks(batch)];
                Record low = head->Low;
                foreach (ref readonly Record record in batch)
                {
                    // Started before the key and reaches over it: it was in an earlier batch.
                    if (record.Device == low.Device && record.Physical < low.Physical) continue;
                    rows.Add(Row(in record, (head->OutFlags & FMH_OF_DEV_T) != 0, roleOf));
                }

                if (isLast) return rows;
                head->Low = new() { Device = records[batch.Length].Device, Physical = records[batch.Length].Physical };
            }
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    /// <summary>How many records come before those that start at the same block as the last one.</summary>
    private static int WholeBlocks(ReadOnlySpan<Record> batch)
    {
        int count = batch.Length - 1;
        while (count > 0 && IsSameStart(in batch[count - 1], in batch[^1])) count--;
        return count > 0
            ? count
            : throw new InvalidOperationException("one block has more owners than a call has rows");
    }

    private static bool IsSameStart(in Record left, in Record right) =>
        left.Device == right.Device && left.Physical == right.Physical;

    private static FsmapRow Row(in Record record, bool isDeviceNumber, Func<ulong, DeviceRole> roleOf)
    {
        // Without device numbers the column is XFS's own: 1 data, 2 log, 3 realtime.
        DeviceRole device = isDeviceNumber ? roleOf(record.Device) : (DeviceRole)(record.Device - 1);
        var physical = (long)record.Physical;
        var length = (long)record.Length;
        if ((record.Flags & FMR_OF_SPECIAL_OWNER) != 0) return new(device, physical, length, Special(record.Owner));
        bool blockMap = (record.Flags & FMR_OF_EXTENT_MAP) != 0;
        return new(
            device, physical, length, OwnerKind.Inode, record.Owner,
            (record.Flags & FMR_OF_ATTR_FORK) != 0 ? ForkKind.Attribute : ForkKind.Data,
            blockMap ? 0 : (long)record.Offset, (record.Flags & FMR_OF_PREALLOC) != 0,
            (record.Flags & FMR_OF_SHARED) != 0, blockMap);
    }

    /// <summary>A special owner is a type (0 for all filesystems, 'X' for XFS) above a 32-bit code.</summary>
    private static OwnerKind Special(ulong owner) => ((char)(owner >> 32), (uint)owner) switch
    {
        ('\0', 1) => OwnerKind.Free,
        ('\0', 2) => OwnerKind.Unknown,
        ('X', 1) => OwnerKind.Filesystem,
        ('X', 2) => OwnerKind.Log,
        ('X', 3) => OwnerKind.Ag,
        ('X', 4) => OwnerKind.InodeBtree,
        ('X', 5) => OwnerKind.Inodes,
        ('X', 6) => OwnerKind.RefcountBtree,
        ('X', 7) => OwnerKind.CowStaging,
        _ => throw new InvalidOperationException($"GETFSMAP gave an owner that is not known here: {owner:x}"),
    };

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public uint Device;
        public uint Flags;
        public ulong Physical;
        public ulong Owner;
        public ulong Offset;
        public ulong Length;
        public fixed ulong Reserved[3];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public uint InFlags;
        public uint OutFlags;
        public uint Count;
        public uint Entries;
        public fixed ulong Reserved[6];
        public Record Low;
        public Record High;
    }
}
