// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Paths;

/// <summary>An inode whose paths are wanted.</summary>
/// <param name="Links">
/// How many directory entries name it (a directory: one, the root: none); null where the inode could not be read.
/// </param>
public readonly record struct WantedInode(ulong Inode, uint? Links);
