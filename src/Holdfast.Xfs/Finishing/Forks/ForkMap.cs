// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// The mappings of one fork, open for the changes of one step: a list in the inode, or a btree rooted there. What is
/// done to a btree is done in the kernel's order, so that its blocks come out alike. A list may outgrow its room until
/// <see cref="Finish"/> puts it into a btree; a btree that has become short enough turns back into a list there.
/// </summary>
internal abstract class ForkMap(FinishContext context, InodeEditor inode, ForkKind fork)
{
    public InodeEditor Inode => inode;

    public ForkKind Fork => fork;

    public abstract ulong Count { get; }

    protected FinishContext Context => context;

    /// <summary>Mappings that the inode itself has room for.</summary>
    protected int InlineMax => inode.Fork(fork).Length / ExtentRecord.Size;

    /// <summary>The mapping that holds a file block, else the first after it.</summary>
    public abstract ForkExtent? AtOrAfter(ulong offset);

    /// <summary>The last mapping that starts before a file block.</summary>
    public abstract ForkExtent? Before(ulong end);

    /// <summary>Changes a mapping; its place among the others stays.</summary>
    public abstract void Replace(in ForkExtent known, in ForkExtent changed);

    public abstract void Insert(in ForkExtent added);

    public abstract void Delete(in ForkExtent known);

    /// <summary>Puts two mappings in the place of one; the second one is what is added.</summary>
    public abstract void SplitAddingTail(in ForkExtent known, in ForkExtent head, in ForkExtent tail);

    /// <summary>Puts two mappings in the place of one; the first one is what is added.</summary>
    public abstract void SplitAddingHead(in ForkExtent known, in ForkExtent head, in ForkExtent tail);

    /// <summary>The step's changes are made: the fork takes the form that its number of mappings asks for.</summary>
    public abstract void Finish();

    /// <summary>Mappings in file order from the first that ends behind an offset.</summary>
    public IEnumerable<ForkExtent> From(ulong offset)
    {
        for (ForkExtent? next = AtOrAfter(offset); next is { } extent; next = AtOrAfter(extent.OffsetEnd))
        {
            yield return extent;
        }
    }

    protected void FailUnknown(in ForkExtent known) =>
        inode.Fail(BlockFault.Bad("br_startoff", $"no mapping of {known.Length} blocks at {known.Offset}"));
}
