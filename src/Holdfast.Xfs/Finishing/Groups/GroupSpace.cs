// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of the groups' free space, reverse maps and reference counts, as the kernel makes them. What is named
/// "Now" happens within the step; what is named "Defer" is put off. Reverse maps and reference counts are passed
/// over where the filesystem keeps none.
/// </summary>
internal sealed class GroupSpace(FinishContext context)
{
    internal FinishContext Context => context;

    /// <summary>Gives blocks back to free space within this step.</summary>
    /// <param name="owner">Taken out of the reverse map; null: the reverse map is left as it is.</param>
    public void FreeNow(
        uint ag, AgBlock start, uint length, ExtentOwner? owner, BlockReservation reservation = BlockReservation.None)
        => throw new NotImplementedException();

    /// <summary>Blocks that are to be freed in a step of their own, as behind an EFI.</summary>
    public void DeferFree(
        FsBlock start, uint length, ExtentOwner? owner, BlockReservation reservation = BlockReservation.None)
        => throw new NotImplementedException();

    /// <summary>Takes blocks from free space; recovery marks them as its own.</summary>
    /// <returns>Null where none are free that fit.</returns>
    public Allocation? TryAllocateNow(AllocationRequest request) => throw new NotImplementedException();

    /// <exception cref="RecoveryFailure">None are free that fit.</exception>
    public Allocation AllocateNow(AllocationRequest request) => throw new NotImplementedException();

    /// <summary>A mapping of a fork goes into the reverse map.</summary>
    public void DeferMap(InodeNumber inode, ForkKind fork, in ForkExtent extent)
        => throw new NotImplementedException();

    /// <summary>A mapping of a fork leaves the reverse map.</summary>
    public void DeferUnmap(InodeNumber inode, ForkKind fork, in ForkExtent extent)
        => throw new NotImplementedException();

    /// <summary>A mapping becomes written or unwritten: <paramref name="extent"/> says which it is
    /// afterwards.</summary>
    public void DeferConvert(InodeNumber inode, ForkKind fork, in ForkExtent extent)
        => throw new NotImplementedException();

    /// <summary>One more file maps the blocks.</summary>
    public void DeferIncrease(FsBlock start, uint length) => throw new NotImplementedException();

    /// <summary>One file less maps the blocks; those that none maps any more are freed.</summary>
    public void DeferDecrease(FsBlock start, uint length) => throw new NotImplementedException();

    /// <summary>Blocks are staged for copy-on-write.</summary>
    public void DeferAllocateCow(FsBlock start, uint length) => throw new NotImplementedException();

    /// <summary>Blocks are no longer staged for copy-on-write. They are not freed by this.</summary>
    public void DeferFreeCow(FsBlock start, uint length) => throw new NotImplementedException();

    /// <summary>What carries out a logged intent.</summary>
    /// <exception cref="RecoveryFailure">The intent is none that the kernel would carry out.</exception>
    public IReadOnlyList<DeferredOperation> Of(ExtentFreeIntent intent) => throw new NotImplementedException();

    public IReadOnlyList<DeferredOperation> Of(ReverseMapIntent intent) => throw new NotImplementedException();

    public IReadOnlyList<DeferredOperation> Of(RefcountIntent intent) => throw new NotImplementedException();

    /// <summary>
    /// Frees what a crash left staged for copy-on-write, as a mount does when the log was dirty. Commits its own
    /// steps.
    /// </summary>
    public void FreeCowLeftovers() => throw new NotImplementedException();
}
