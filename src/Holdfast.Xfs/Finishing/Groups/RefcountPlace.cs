// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>The place of a refcountbt: rooted in the AGF; its blocks come from free space, as near the place of the
/// first root as can be, and are freed in a step of their own.</summary>
internal sealed class RefcountPlace(GroupHeader header, GroupSpace space) : BtreePlace, IRefcountGroup
{
    public uint Blocks => header.Blocks;

    public BtreePlace Refcounts => this;

    public override uint Ag => header.Ag;

    public override ulong Owner => header.Ag;

    public override ulong Root => header[AgFreeHeader.RefcountRootAt];

    public override int Levels => (int)Math.Min(header[AgFreeHeader.RefcountLevelAt], int.MaxValue);

    public override void SetRoot(ulong root, int levels)
    {
        header[AgFreeHeader.RefcountRootAt] = (uint)root;
        header[AgFreeHeader.RefcountLevelAt] = (uint)levels;
    }

    public override ulong Allocate(ulong near)
    {
        Geometry geometry = space.Context.Geometry;
        Allocation block = space.AllocateNow(new AllocationRequest
        {
            Target = geometry.FsBlockOf(header.Ag, new(FirstRoot(geometry))),
            Search = AllocationSearch.Near,
            Owner = ExtentOwner.Refcount,
            Reservation = BlockReservation.Metadata,
        });
        header.Add(AgFreeHeader.RefcountBlocksAt, 1);
        return geometry.AgBlockOf(block.Start).Value;
    }

    public override void Free(ulong pointer)
    {
        header.Add(AgFreeHeader.RefcountBlocksAt, -1);
        space.DeferFree(
            space.Context.Geometry.FsBlockOf(header.Ag, new((uint)pointer)), 1, ExtentOwner.Refcount,
            BlockReservation.Metadata);
    }

    public void FreeLater(uint start, uint length) =>
        space.DeferFree(space.Context.Geometry.FsBlockOf(header.Ag, new(start)), length, owner: null);

    [DoesNotReturn]
    public void Fail(BlockFault fault) => header.Fail(fault);

    /// <summary>mkfs puts the roots one behind the other, after the headers: bnobt, cntbt, inobt, and what further
    /// trees there are.</summary>
    private static uint FirstRoot(Geometry geometry)
    {
        uint lastHeader = (uint)((AgHeaderReader.FreeListSector * geometry.SectorSize) >> geometry.BlockLog);
        uint block = lastHeader + 3;
        if (geometry.Features.FreeInodeBtree) block++;
        if (geometry.Features.ReverseMapBtree) block++;
        return block + 1;
    }
}
