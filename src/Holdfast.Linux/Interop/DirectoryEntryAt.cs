// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Interop;

/// <summary>Offsets in struct linux_dirent64 of getdents64(2).</summary>
internal static class DirectoryEntryAt
{
    internal const int Inode = 0;
    internal const int Next = Inode + sizeof(ulong);
    internal const int Length = Next + sizeof(long);
    internal const int Type = Length + sizeof(ushort);

    /// <summary>Ended by a zero byte.</summary>
    internal const int Name = Type + sizeof(byte);
}
