// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.OnDisk;

/// <summary>How a fork keeps its content. Source: xfs_format.h (enum xfs_dinode_fmt).</summary>
public enum ForkFormat : byte
{
    Device = 0,
    Local = 1,
    Extents = 2,
    Btree = 3,
    Uuid = 4,

    /// <summary>A btree of the filesystem itself, rooted in the inode (realtime rmapbt and refcountbt).</summary>
    MetadataBtree = 5,
}

/// <summary>File types, with their values in the mode.</summary>
public enum FileType
{
    Unknown = 0,
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Symlink = 0xA000,
    Socket = 0xC000,
}

/// <summary>The words for file types in reports.</summary>
public static class FileTypes
{
    public static string Word(this FileType type) => FileTypeWords.Of((int)type);
}
