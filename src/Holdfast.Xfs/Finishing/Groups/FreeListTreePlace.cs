// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// The place of bnobt, cntbt or rmapbt: rooted in the AGF, its blocks come from the AGFL and go back there, because
/// they are needed while free space itself is being changed.
/// </summary>
/// <param name="blocksAt">Where the AGF counts the tree's blocks; 0 where it does not.</param>
internal sealed class FreeListTreePlace(GroupHeader header, int rootAt, int levelsAt, int blocksAt = 0) : BtreePlace
{
    /// <summary>What its blocks are set aside for.</summary>
    public BlockReservation Reservation { get; init; }

    public override uint Ag => header.Ag;

    public override ulong Owner => header.Ag;

    public override ulong Root => header[rootAt];

    public override int Levels => (int)Math.Min(header[levelsAt], int.MaxValue);

    public override void SetRoot(ulong root, int levels)
    {
        header[rootAt] = (uint)root;
        header[levelsAt] = (uint)levels;
    }

    public override ulong Allocate(ulong near)
    {
        if (header.FreeList.Take() is not { } block)
        {
            header.Fail(BlockFault.Wrong("agf_flcount", "at least 1", "0"));
            return NoPointer;
        }

        header.Busy.Reuse(block.Value, 1);
        header.Reserve.Take(Reservation, 1);
        header.Add(AgFreeHeader.BtreeBlocksAt, 1);
        if (blocksAt != 0) header.Add(blocksAt, 1);
        return block.Value;
    }

    public override void Free(ulong pointer)
    {
        header.FreeList.Put(new((uint)pointer));
        header.Busy.Add((uint)pointer, 1);
        header.Reserve.Give(Reservation, 1);
        header.Add(AgFreeHeader.BtreeBlocksAt, -1);
        if (blocksAt != 0) header.Add(blocksAt, -1);
    }
}
