// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>Users of this process and of files.</summary>
public static class Users
{
    // struct statx: stx_mask, stx_blksize, stx_attributes and stx_nlink stand before stx_uid.
    private const int OwnerAt = 4 + 4 + 8 + 4;
    private const int Size = 256;

    /// <summary>The user this process acts as.</summary>
    public static uint Effective => Native.EffectiveUser();

    /// <summary>Whose a file is; null where there is none.</summary>
    public static uint? OwnerOf(string path)
    {
        Span<byte> stat = stackalloc byte[Size];
        ref byte start = ref MemoryMarshal.GetReference(stat);
        return Native.StatX(Native.AT_FDCWD, path, 0, Native.STATX_BASIC_STATS, ref start) == 0
            ? MemoryMarshal.Read<uint>(stat[OwnerAt..])
            : null;
    }
}
