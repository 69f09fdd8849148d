// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>The inobt or the finobt of a group: rooted in its AGI, its blocks from free space.</summary>
internal sealed class InodeTreePlace(FinishContext context, InodeHeader header, bool isFree) : BtreePlace
{
    private readonly int _rootAt = isFree ? AgInodeHeader.FreeRootAt : AgInodeHeader.RootAt;
    private readonly int _levelAt = isFree ? AgInodeHeader.FreeLevelAt : AgInodeHeader.LevelAt;
    private readonly int _blocksAt = isFree ? AgInodeHeader.FinobtBlocksAt : AgInodeHeader.InobtBlocksAt;

    public override uint Ag => header.Ag;

    public override ulong Owner => header.Ag;

    public override ulong Root => header[_rootAt];

    public override int Levels => (int)Math.Min(header[_levelAt], int.MaxValue);

    private BlockReservation Reservation => isFree ? BlockReservation.Metadata : BlockReservation.None;

    public override void SetRoot(ulong root, int levels)
    {
        header[_rootAt] = (uint)root;
        header[_levelAt] = (uint)levels;
    }

    public override ulong Allocate(ulong near)
    {
        Allocation got = context.Groups.AllocateNow(new()
        {
            Target = context.Geometry.FsBlockOf(Ag, new(near == NoPointer ? 0 : (uint)near)),
            Search = AllocationSearch.Near,
            Owner = ExtentOwner.InodeBtree,
            Reservation = Reservation,
        });
        Count(1);
        return context.Geometry.AgBlockOf(got.Start).Value;
    }

    public override void Free(ulong pointer)
    {
        Count(-1);
        FsBlock block = context.Geometry.FsBlockOf(Ag, new((uint)pointer));
        context.Groups.DeferFree(block, 1, ExtentOwner.InodeBtree, Reservation);
    }

    private void Count(int change)
    {
        if (context.Features.InodeBtreeCounts) header.Add(_blocksAt, change);
    }
}
