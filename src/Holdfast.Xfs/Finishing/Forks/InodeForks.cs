// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// Inodes opened for changing, and changes of their block maps as the kernel makes them. What is named "Now" happens
/// within the step.
/// </summary>
internal sealed class InodeForks(FinishContext context)
{
    internal FinishContext Context => context;

    /// <exception cref="RecoveryFailure">The inode is not to be believed, or free.</exception>
    public InodeEditor Open(InodeNumber inode) => InodeEditor.Open(context, inode);

    /// <summary>The mapping that holds a file block, else the first after it; null where there is none.</summary>
    public ForkExtent? Lookup(InodeEditor inode, ForkKind fork, FileBlock offset) =>
        throw new NotImplementedException();

    /// <summary>The file block behind the last mapping; 0 for a fork without any.</summary>
    public FileBlock EndOf(InodeEditor inode, ForkKind fork) => throw new NotImplementedException();

    /// <summary>Puts a mapping into a hole of the fork, merging it with its neighbours. The reverse map is put off;
    /// di_nblocks counts it.</summary>
    public void MapNow(InodeEditor inode, ForkKind fork, in ForkExtent extent) => throw new NotImplementedException();

    /// <summary>
    /// Takes mappings out of a range of a fork from its end backwards, at most so many of them, and puts off what is
    /// to be done with their blocks: out of the reverse map, and freed (of a data fork that shares blocks: one
    /// reference less).
    /// </summary>
    /// <returns>True where nothing is left in the range.</returns>
    public bool UnmapNow(InodeEditor inode, ForkKind fork, FileBlock start, ulong length, int extentsMax = 2) =>
        throw new NotImplementedException();

    /// <summary>
    /// Allocates blocks for a hole of the attribute fork (or a directory's, a symlink's data) as metadata of the
    /// inode, and maps them. The reverse map is put off; di_nblocks counts them.
    /// </summary>
    /// <param name="total">Blocks that the whole step may take, as the kernel reserves them.</param>
    /// <returns>One mapping that starts at the offset, perhaps shorter than asked for.</returns>
    public ForkExtent AllocateNow(InodeEditor inode, ForkKind fork, FileBlock offset, uint length, uint total = 0) =>
        throw new NotImplementedException();

    /// <summary>Unmaps everything from a file block on, in as many steps as it takes, each committed with the work
    /// that it put off.</summary>
    public void Truncate(InodeEditor inode, ForkKind fork, FileBlock from) => throw new NotImplementedException();

    /// <summary>What carries out a logged intent.</summary>
    /// <exception cref="RecoveryFailure">The intent is none that the kernel would carry out.</exception>
    public IReadOnlyList<DeferredOperation> Of(BlockMapIntent intent) => throw new NotImplementedException();

    public IReadOnlyList<DeferredOperation> Of(ExchangeIntent intent) => throw new NotImplementedException();
}
