// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// Where one btree is rooted, and where its blocks come from and go to: what differs between the btrees of a group,
/// whose root is a block that the group's header names, and those whose root lies in an inode's fork. Pointers are as
/// the tree keeps them: blocks of the group where they are short, filesystem blocks where they are long.
/// </summary>
internal abstract class BtreePlace
{
    /// <summary>No such block: what siblings at the edges of a level, and a search without a hint, have.</summary>
    public const ulong NoPointer = ulong.MaxValue;

    /// <summary>The group that short pointers count in; unused with long ones.</summary>
    public virtual uint Ag => 0;

    /// <summary>Whom the tree's blocks name as their owner: the group's number, or the inode's.</summary>
    public abstract ulong Owner { get; }

    /// <summary>Is the root in an inode? Then <see cref="InlineRoot"/> is asked for, else <see cref="Root"/>.</summary>
    public virtual bool IsInInode => false;

    /// <summary>The root block.</summary>
    public virtual ulong Root => NoPointer;

    /// <summary>Levels of a tree that is rooted in a header, 1 where the root is a leaf.</summary>
    public virtual int Levels => 0;

    /// <summary>
    /// The whole room of the fork that holds the root: level, count, then records, or keys and pointers spread over
    /// what is left of the room. Asked for anew at each use.
    /// </summary>
    public virtual ReadOnlySpan<byte> InlineRoot => [];

    /// <summary>The same for changing. The tree is as deep as the level in it says.</summary>
    public virtual Span<byte> EditInlineRoot() => [];

    /// <summary>A tree rooted in a header has another root block, and so many levels now.</summary>
    public virtual void SetRoot(ulong root, int levels) =>
        throw new InvalidOperationException("The root of this tree is in an inode.");

    /// <summary>A block for the tree, taken from wherever such blocks come from, and accounted for.</summary>
    /// <param name="near">A block of the tree close to which it would be well placed, or
    /// <see cref="NoPointer"/>.</param>
    /// <exception cref="RecoveryFailure">There is none.</exception>
    public abstract ulong Allocate(ulong near);

    /// <summary>The tree has no more use for a block. Its content is forgotten by the caller.</summary>
    public abstract void Free(ulong pointer);
}
