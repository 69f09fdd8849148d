// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>Who owns a range of a filesystem's device: the owners that FS_IOC_GETFSMAP knows, and "outside".</summary>
public enum OwnerKind
{
    Inode,
    Free,
    Filesystem,
    Log,
    Ag,
    InodeBtree,
    Inodes,
    RefcountBtree,
    CowStaging,
    Unknown,

    /// <summary>Bytes of the device that belong to no filesystem block.</summary>
    Outside,
}
