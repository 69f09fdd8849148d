// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>What kind of file there is, found without opening it: opening a pipe would wait.</summary>
public static class FileTypes
{
    // struct statx: what stands before stx_mode.
    private const int ModeAt = 4 + 4 + 8 + 4 + 4 + 4;
    private const int Size = 256;
    private const int S_IFMT = 0xF000;
    private const int S_IFSOCK = 0xC000;

    /// <summary>A link to a socket is none.</summary>
    public static bool IsSocket(string path)
    {
        Span<byte> stat = stackalloc byte[Size];
        ref byte start = ref MemoryMarshal.GetReference(stat);
        return Native.StatX(
                Native.AT_FDCWD, path, Native.AT_SYMLINK_NOFOLLOW, Native.STATX_BASIC_STATS, ref start) == 0
            && (MemoryMarshal.Read<ushort>(stat[ModeAt..]) & S_IFMT) == S_IFSOCK;
    }
}
