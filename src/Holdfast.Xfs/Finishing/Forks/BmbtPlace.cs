// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// A block map's root in its fork. The map's blocks are the inode's (di_nblocks counts them) and stand in the reverse
/// map as its fork's block map.
/// </summary>
internal sealed class BmbtPlace(FinishContext context, InodeEditor inode, ForkKind fork) : BtreePlace
{
    public override ulong Owner => inode.Number.Value;

    public override bool IsInInode => true;

    public override ReadOnlySpan<byte> InlineRoot => inode.Fork(fork);

    public override Span<byte> EditInlineRoot() => inode.EditFork(fork);

    public override ulong Allocate(ulong near)
    {
        uint levels = inode.Fork(fork).U16(InlineBtreeRoot.LevelAt);
        FsBlock target = near == NoPointer ? context.Geometry.BlockOf(inode.Number) : new(near);
        var request = new AllocationRequest
        {
            Target = target,
            Search = AllocationSearch.StartGroup,
            Owner = ExtentOwner.BlockMap(inode.Number, fork),
            MinLeft = levels + 1,
        };
        // Where no group has room for all that may follow, one block is taken wherever there is one.
        Allocation found = context.Groups.TryAllocateNow(request)
            ?? context.Groups.AllocateNow(request with { Target = new(0), MinLeft = 0 });
        inode.Blocks++;
        return found.Start.Value;
    }

    public override void Free(ulong pointer)
    {
        context.Groups.DeferFree(new(pointer), 1, ExtentOwner.BlockMap(inode.Number, fork));
        inode.Blocks--;
    }
}
