// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>What kind of file a directory entry says it names. Source: xfs_da_format.h (XFS_DIR3_FT_*).</summary>
public enum DirectoryFileType : byte
{
    /// <summary>The filesystem keeps no types in its directories, or the type was not known.</summary>
    Unknown,
    RegularFile,
    Directory,
    CharacterDevice,
    BlockDevice,
    Fifo,
    Socket,
    Symlink,
    Whiteout,
}
