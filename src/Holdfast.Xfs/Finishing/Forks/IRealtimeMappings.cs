// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// What becomes of blocks of the realtime device when a file's data fork maps or unmaps them. They are no concern of
/// the groups; what they change on the data device is the realtime groups' metadata.
/// </summary>
internal interface IRealtimeMappings
{
    /// <summary>A realtime block's number within its group; without groups the number itself.</summary>
    ulong BlockInGroup(ulong block);

    void DeferMap(InodeEditor inode, in ForkExtent extent);

    void DeferUnmap(InodeEditor inode, in ForkExtent extent);

    /// <summary><paramref name="extent"/> says what the mapping is afterwards.</summary>
    void DeferConvert(InodeEditor inode, in ForkExtent extent);

    /// <summary>One file less maps the blocks.</summary>
    void DeferDecrease(InodeEditor inode, in ForkExtent extent);

    /// <summary>The blocks are nobody's: at once in a bitmap without groups, else put off.</summary>
    void Free(InodeEditor inode, in ForkExtent extent);
}
