// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Devices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Interop;

/// <summary>
/// Which file a path leads to, whatever it is called: the device and inode it lies on, and for a block device its own
/// number. From statx(2), whose layout is the same on every architecture.
/// </summary>
public readonly record struct FileIdentity(DeviceNumber LiesOn, ulong Inode, DeviceNumber? Device)
{
    // struct statx: offsets are sums of the widths before them.
    private const int ModeAt = 4 + 4 + 8 + 4 + 4 + 4;
    private const int InodeOffset = ModeAt + 2 + 2;
    private const int LengthAt = InodeOffset + 8;
    private const int TimesAt = LengthAt + 8 + 8 + 8;
    private const int DeviceMajorAt = TimesAt + 4 * 16;
    private const int LiesOnMajorAt = DeviceMajorAt + 4 + 4;
    private const int Size = 256;
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFBLK = 0x6000;

    /// <summary>Follows links. Null where there is nothing, or nothing that may be looked at.</summary>
    public static FileIdentity? Of(string path)
    {
        Span<byte> stat = stackalloc byte[Size];
        ref byte start = ref MemoryMarshal.GetReference(stat);
        // What it is does not change: a server that may have gone need not be asked again.
        const int flags = Native.AT_STATX_DONT_SYNC;
        return Native.StatX(Native.AT_FDCWD, path, flags, Native.STATX_BASIC_STATS, ref start) == 0
            ? Read(stat)
            : null;
    }

    /// <summary>How long a file is, in bytes; follows links. Null where there is nothing, or a directory.</summary>
    internal static long? LengthOf(string path)
    {
        Span<byte> stat = stackalloc byte[Size];
        ref byte start = ref MemoryMarshal.GetReference(stat);
        if (Native.StatX(Native.AT_FDCWD, path, 0, Native.STATX_BASIC_STATS, ref start) != 0) return null;
        return IsOfType(stat, S_IFDIR) ? null : MemoryMarshal.Read<long>(stat[LengthAt..]);
    }

    /// <summary>Does not follow a link at the end of the path. Null as above.</summary>
    /// <param name="path">Bytes, from a directory on.</param>
    internal static FileIdentity? At(SafeFileHandle directory, ReadOnlySpan<byte> path) =>
        At((int)directory.DangerousGetHandle(), path);

    /// <inheritdoc cref="At(SafeFileHandle, ReadOnlySpan{byte})"/>
    internal static FileIdentity? Of(ReadOnlySpan<byte> path) => At(Native.AT_FDCWD, path);

    /// <summary>The inode number alone, as the kernel has it in memory: follows links, and asks no server.</summary>
    /// <param name="path">Ended by a zero byte, from a directory on.</param>
    /// <param name="buffer">Of at least 256 bytes.</param>
    internal static unsafe ulong? InodeAt(int directory, byte* path, byte* buffer) =>
        Native.StatX(directory, path, Native.AT_STATX_DONT_SYNC, Native.STATX_INO, buffer) == 0
            ? *(ulong*)(buffer + InodeOffset)
            : null;

    private static unsafe FileIdentity? At(int directory, ReadOnlySpan<byte> path)
    {
        Span<byte> stat = stackalloc byte[Size];
        byte[] ended = [.. path, 0];
        fixed (byte* name = ended, start = stat)
        {
            const int flags = Native.AT_SYMLINK_NOFOLLOW | Native.AT_EMPTY_PATH | Native.AT_NO_AUTOMOUNT;
            return Native.StatX(directory, name, flags, Native.STATX_BASIC_STATS, start) == 0 ? Read(stat) : null;
        }
    }

    private static FileIdentity Read(ReadOnlySpan<byte> stat)
    {
        return new(
            NumberAt(stat, LiesOnMajorAt),
            MemoryMarshal.Read<ulong>(stat[InodeOffset..]),
            IsOfType(stat, S_IFBLK) ? NumberAt(stat, DeviceMajorAt) : null);
    }

    private static bool IsOfType(ReadOnlySpan<byte> stat, int type) =>
        (MemoryMarshal.Read<ushort>(stat[ModeAt..]) & S_IFMT) == type;

    private static DeviceNumber NumberAt(ReadOnlySpan<byte> stat, int at) =>
        new(MemoryMarshal.Read<uint>(stat[at..]), MemoryMarshal.Read<uint>(stat[(at + sizeof(uint))..]));
}
