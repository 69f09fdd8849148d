// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Stack;

/// <summary>
/// DM_TABLE_STATUS on /dev/mapper/control (linux/dm-ioctl.h): the table of a mapped device, which sysfs does not show.
/// Root only; nothing is changed by it.
/// </summary>
public static unsafe class MapperControl
{
    private const nuint DM_TABLE_STATUS = 0xC138FD0C;
    private const uint DM_STATUS_TABLE_FLAG = 1 << 4;
    private const int BufferSize = 1 << 20;
    private const int HeadSize = 312;

    // struct dm_ioctl: offsets are sums of the widths before them.
    private const int VersionAt = 0;
    private const int DataSizeAt = VersionAt + (3 * sizeof(uint));
    private const int DataStartAt = DataSizeAt + sizeof(uint);
    private const int TargetCountAt = DataStartAt + sizeof(uint);
    private const int FlagsAt = TargetCountAt + (2 * sizeof(uint));
    private const int DeviceAt = FlagsAt + (3 * sizeof(uint));

    // struct dm_target_spec: start, length, status, next, type.
    private const int NextAt = (2 * sizeof(ulong)) + sizeof(int);
    private const int TypeAt = NextAt + sizeof(uint);
    private const int TypeSize = 16;

    /// <returns>As `dmsetup table` prints it; null where it cannot be read.</returns>
    public static string? TableOf(BlockDevice device, KernelRoots roots)
    {
        using SafeFileHandle control = Native.Open(
            Path.Combine(roots.Dev, "mapper/control"), Native.O_RDONLY | Native.O_CLOEXEC);
        if (control.IsInvalid) return null;
        byte[] buffer = new byte[BufferSize];
        MemoryMarshal.Write(buffer.AsSpan(VersionAt), 4u);
        MemoryMarshal.Write(buffer.AsSpan(DataSizeAt), (uint)BufferSize);
        MemoryMarshal.Write(buffer.AsSpan(DataStartAt), (uint)HeadSize);
        MemoryMarshal.Write(buffer.AsSpan(FlagsAt), DM_STATUS_TABLE_FLAG);
        MemoryMarshal.Write(buffer.AsSpan(DeviceAt), Encoded(device.Number));
        fixed (byte* start = buffer)
        {
            if (Native.Ioctl(control, DM_TABLE_STATUS, start) != 0) return null;
        }

        return Text(buffer);
    }

    private static string? Text(ReadOnlySpan<byte> buffer)
    {
        uint start = MemoryMarshal.Read<uint>(buffer[DataStartAt..]);
        uint count = MemoryMarshal.Read<uint>(buffer[TargetCountAt..]);
        var text = new StringBuilder();
        long at = start;
        for (uint i = 0; i < count; i++)
        {
            if (at + TypeAt + TypeSize > buffer.Length) return null;
            ReadOnlySpan<byte> target = buffer[(int)at..];
            ReadOnlySpan<byte> type = target.Slice(TypeAt, TypeSize);
            ReadOnlySpan<byte> rest = target[(TypeAt + TypeSize)..];
            text.Append(CultureInfo.InvariantCulture, $"{MemoryMarshal.Read<ulong>(target)} ");
            text.Append(CultureInfo.InvariantCulture, $"{MemoryMarshal.Read<ulong>(target[sizeof(ulong)..])} ");
            text.Append(Word(type)).Append(' ').Append(Word(rest)).Append('\n');
            at = start + MemoryMarshal.Read<uint>(target[NextAt..]);
        }

        return text.ToString();
    }

    private static string Word(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]);
    }

    // The kernel's encoding in 64 bits: as in 32, with the rest of the major number above.
    private static ulong Encoded(DeviceNumber device) =>
        (device.Minor & 0xff) | ((ulong)device.Major << 8) | ((ulong)(device.Minor & ~0xffu) << 12);
}
