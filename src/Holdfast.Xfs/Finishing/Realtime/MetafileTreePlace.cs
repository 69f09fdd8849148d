// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>
/// A realtime group's rtrmapbt or rtrefcountbt: rooted in the data fork of a file of the metadata directory, its
/// blocks on the data device, where they are that inode's block map.
/// </summary>
internal sealed class MetafileTreePlace(FinishContext context, InodeEditor inode) : BtreePlace
{
    public override ulong Owner => inode.Number.Value;

    public override bool IsInInode => true;

    public override ReadOnlySpan<byte> InlineRoot => inode.Fork(ForkKind.Data);

    public InodeEditor Inode => inode;

    private ExtentOwner ExtentOwner => ExtentOwner.BlockMap(inode.Number, ForkKind.Data);

    public override Span<byte> EditInlineRoot() => inode.EditFork(ForkKind.Data);

    /// <summary>The blocks lie near the inode, wherever the tree has others.</summary>
    public override ulong Allocate(ulong near)
    {
        Allocation found = context.Groups.AllocateNow(new()
        {
            Target = context.Geometry.BlockOf(inode.Number),
            Search = AllocationSearch.StartGroup,
            Owner = ExtentOwner,
            Reservation = BlockReservation.Metadata,
        });
        inode.Blocks++;
        return found.Start.Value;
    }

    public override void Free(ulong pointer)
    {
        context.Groups.DeferFree(new(pointer), 1, ExtentOwner, BlockReservation.Metadata);
        inode.Blocks--;
    }
}
