// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// FS_IOC_GETFSMAP (linux/fsmap.h): who owns which bytes of a mounted XFS, in the kernel's order: by device number,
/// start, owner and offset. Memory is bounded however many rows there are. Asking flushes nothing: what is not yet
/// allocated (delayed allocation) has no row.
/// </summary>
/// <param name="rowsACall">
/// At most 2048: the kernel collects so many at a time, and loses rows where it goes on by itself.
/// </param>
public sealed unsafe class SpaceMap(MountedXfs xfs, int rowsACall = SpaceMap.RowsACallMax)
{
    private const int RowsACallMax = 2048;
    private const nuint FS_IOC_GETFSMAP = 0xC0C0583B;
    private const uint FMH_OF_DEV_T = 1;
    private const uint FMR_OF_PREALLOC = 1;
    private const uint FMR_OF_ATTR_FORK = 2;
    private const uint FMR_OF_EXTENT_MAP = 4;
    private const uint FMR_OF_SHARED = 8;
    private const uint FMR_OF_SPECIAL_OWNER = 0x10;
    private const uint FMR_OF_LAST = 0x20;

    /// <summary>All rows of all its devices.</summary>
    /// <exception cref="KernelRefusal">The kernel could not read its own map, or the filesystem shut down.</exception>
    /// <exception cref="InvalidDataException">One inode maps a block thousands of times.</exception>
    public void ForEach(Action<MapRow> each, CancellationToken cancellationToken = default)
    {
        Record low = default;
        Record high = Last(uint.MaxValue, ulong.MaxValue);
        Walk(low, high, each, cancellationToken);
    }

    /// <summary>
    /// The rows that have bytes in a range of one device; they may begin before it and end behind it. Rows without an
    /// owner (free, and unknown where there is no rmapbt) the kernel cuts at the beginning of the range.
    /// </summary>
    /// <exception cref="KernelRefusal">As above.</exception>
    public void ForEach(
        DeviceRole role, ByteRange range, Action<MapRow> each, CancellationToken cancellationToken = default)
    {
        if (range.IsEmpty || xfs.NumberOf(role) is not { } number) return;
        uint device = Encoded(number);
        // Of an external log there is one row, and none for a question that begins behind its first byte (6.18).
        var low = new Record { Device = device, Physical = role == DeviceRole.Log ? 0 : (ulong)range.Offset };
        Walk(low, Last(device, (ulong)range.End - 1), row =>
        {
            if (row.Device == role && row.End > range.Offset && row.Physical < range.End) each(row);
        }, cancellationToken);
    }

    private void Walk(Record low, Record high, Action<MapRow> each, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowsACall, RowsACallMax);
        var head = (Head*)NativeMemory.AllocZeroed((nuint)(sizeof(Head) + (rowsACall * sizeof(Record))));
        try
        {
            var records = (Record*)(head + 1);
            Record? seen = null;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                head->Low = low;
                head->High = high;
                head->Count = (uint)rowsACall;
                if (Native.Ioctl(xfs.Root, FS_IOC_GETFSMAP, head) != 0)
                {
                    throw KernelRefusal.Last(xfs.Mount.MountPoint, "FS_IOC_GETFSMAP");
                }

                var batch = new ReadOnlySpan<Record>(records, (int)head->Entries);
                foreach (ref readonly Record record in batch)
                {
                    // What was seen comes again.
                    if (seen is { } last && Compare(in record, in last) <= 0) continue;
                    each(Row(in record, (head->OutFlags & FMH_OF_DEV_T) != 0));
                }

                if (batch.IsEmpty || (batch[^1].Flags & FMR_OF_LAST) != 0) return;
                if (seen is { } before && Compare(in batch[^1], in before) <= 0)
                {
                    throw new InvalidDataException(
                        $"{xfs.Mount.MountPoint}: inode {before.Owner} has byte {before.Physical} of its device mapped "
                        + "more often than FS_IOC_GETFSMAP can list");
                }

                seen = batch[^1];
                low = Again(batch[^1]);
            }
            while (true);
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    /// <summary>
    /// Where to go on. Not behind the last row, as the interface has it: from there the kernel leaves out every further
    /// row of the same inode at the same place (seen on 6.18). Nor at the row itself: then it begins with all the rows
    /// that reach over it, and there can be more of them than a call has rows. So from behind the inode before it on.
    /// </summary>
    private Record Again(Record last)
    {
        bool isShareable = (last.Flags & (FMR_OF_SPECIAL_OWNER | FMR_OF_EXTENT_MAP | FMR_OF_ATTR_FORK)) == 0;
        return isShareable
            ? new() { Device = last.Device, Physical = last.Physical, Owner = last.Owner - 1, Length = BlockSize }
            : last with { Length = 0, Flags = last.Flags & ~FMR_OF_LAST };
    }

    private ulong BlockSize => (ulong)xfs.Geometry.BlockSize;

    private static Record Last(uint device, ulong physical) => new()
    {
        Device = device, Flags = uint.MaxValue, Physical = physical, Owner = ulong.MaxValue, Offset = ulong.MaxValue,
    };

    /// <summary>In the kernel's order of rows.</summary>
    private static int Compare(in Record left, in Record right)
    {
        int order = left.Device.CompareTo(right.Device);
        if (order == 0) order = left.Physical.CompareTo(right.Physical);
        if (order == 0) order = left.Owner.CompareTo(right.Owner);
        if (order == 0) order = ForkOf(in left).CompareTo(ForkOf(in right));
        return order != 0 ? order : left.Offset.CompareTo(right.Offset);
    }

    /// <summary>The rmapbt keeps fork and block map above the offset.</summary>
    private static int ForkOf(in Record record) =>
        ((record.Flags & FMR_OF_ATTR_FORK) != 0 ? 2 : 0) + ((record.Flags & FMR_OF_EXTENT_MAP) != 0 ? 1 : 0);

    private MapRow Row(in Record record, bool isDeviceNumber)
    {
        // Without device numbers the column is XFS's own: 1 data, 2 log, 3 realtime.
        DeviceRole device = isDeviceNumber ? xfs.RoleOf(Decoded(record.Device)) : (DeviceRole)(record.Device - 1);
        long physical = (long)record.Physical;
        long length = (long)record.Length;
        if ((record.Flags & FMR_OF_SPECIAL_OWNER) != 0)
        {
            return MapRow.Special(device, physical, length, OwnerOf(record.Owner));
        }

        bool isBlockMap = (record.Flags & FMR_OF_EXTENT_MAP) != 0;
        return new(
            device, physical, length, OwnerKind.Inode, record.Owner,
            (record.Flags & FMR_OF_ATTR_FORK) != 0 ? ForkKind.Attribute : ForkKind.Data,
            isBlockMap ? 0 : (long)record.Offset, (record.Flags & FMR_OF_PREALLOC) != 0,
            (record.Flags & FMR_OF_SHARED) != 0, isBlockMap);
    }

    /// <summary>A special owner is a type (0 for all filesystems, 'X' for XFS) above a code of 32 bits.</summary>
    private static OwnerKind OwnerOf(ulong owner) => ((char)(owner >> 32), (uint)owner) switch
    {
        ('\0', 1) => OwnerKind.Free,
        ('X', 1) => OwnerKind.Filesystem,
        ('X', 2) => OwnerKind.Log,
        ('X', 3) => OwnerKind.Ag,
        ('X', 4) => OwnerKind.InodeBtree,
        ('X', 5) => OwnerKind.Inodes,
        ('X', 6) => OwnerKind.RefcountBtree,
        ('X', 7) => OwnerKind.CowStaging,
        _ => OwnerKind.Unknown,
    };

    // The kernel's encoding of a device number in 32 bits: 12 bits of the major number between two parts of the minor.
    private static uint Encoded(DeviceNumber device) =>
        (device.Minor & 0xff) | (device.Major << 8) | ((device.Minor & ~0xffu) << 12);

    private static DeviceNumber Decoded(uint device) =>
        new((device & 0xfff00) >> 8, (device & 0xff) | ((device >> 12) & 0xfff00));

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
