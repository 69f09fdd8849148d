// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery.Items;

/// <summary>What a logged buffer holds, as its item says. Source: xfs_log_format.h (enum xfs_blft).</summary>
internal enum BufferType
{
    Unknown = 0,
    UserDquot = 1,
    ProjectDquot = 2,
    GroupDquot = 3,
    Btree = 4,
    AgFreeHeader = 5,
    AgFreeList = 6,
    AgInodeHeader = 7,
    Inodes = 8,
    Symlink = 9,
    DirectoryBlock = 10,
    DirectoryData = 11,
    DirectoryFree = 12,
    DirectoryLeaf1 = 13,
    DirectoryLeafN = 14,
    DaNode = 15,
    AttributeLeaf = 16,
    AttributeRemote = 17,
    Superblock = 18,
    RealtimeBitmap = 19,
    RealtimeSummary = 20,
}
