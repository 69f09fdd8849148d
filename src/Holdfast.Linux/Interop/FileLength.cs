// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>How long a file is, by one look (statx(2), whose layout is the same on every architecture).</summary>
internal static class FileLength
{
    // struct statx: offsets are sums of the widths before them.
    private const int ModeAt = 4 + 4 + 8 + 4 + 4 + 4;
    private const int SizeAt = ModeAt + 2 + 2 + 8;
    private const int Size = 256;
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;

    /// <returns>Bytes, of what a link leads to; null where there is nothing, or a directory.</returns>
    internal static long? Of(string path)
    {
        Span<byte> stat = stackalloc byte[Size];
        ref byte start = ref MemoryMarshal.GetReference(stat);
        if (Native.StatX(Native.AT_FDCWD, path, 0, Native.STATX_BASIC_STATS, ref start) != 0) return null;
        bool isDirectory = (MemoryMarshal.Read<ushort>(stat[ModeAt..]) & S_IFMT) == S_IFDIR;
        return isDirectory ? null : MemoryMarshal.Read<long>(stat[SizeAt..]);
    }
}
