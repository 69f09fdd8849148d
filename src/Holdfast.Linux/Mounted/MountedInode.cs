// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>An allocated inode as bulkstat tells of it.</summary>
/// <param name="Generation">Another one in its place has another: a number alone names nobody.</param>
/// <param name="Mode">Type and permissions, as in inode(7).</param>
/// <param name="Size">Bytes.</param>
/// <param name="Extents">Of the data fork; nothing that is not allocated yet.</param>
/// <param name="Sick">Bits of what is known to be damaged (XFS_BS_SICK).</param>
public readonly record struct MountedInode(
    ulong Number, uint Generation, ushort Mode, long Size, uint Links, ulong Extents, uint AttributeExtents,
    bool IsRealtime, ushort Sick)
{
    private const int TypeMask = 0xF000;
    private const int Directory = 0x4000;
    private const int Regular = 0x8000;
    private const int Symlink = 0xA000;

    /// <summary>"file", "directory", "symlink"…</summary>
    public string TypeWord => FileTypeWords.Of(Mode);

    public bool IsDirectory => (Mode & TypeMask) == Directory;

    public bool IsRegular => (Mode & TypeMask) == Regular;

    public bool IsSymlink => (Mode & TypeMask) == Symlink;

    /// <summary>Nothing else can be opened without waiting for somebody, or setting a driver off.</summary>
    public bool CanBeOpened => IsRegular || IsDirectory;
}
