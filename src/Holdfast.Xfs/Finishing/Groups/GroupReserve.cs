// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Inodes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Free blocks of a group that a mount sets aside before it carries intents out, so that refcountbt, finobt and rmapbt
/// can grow to whatever they may come to: others do not get them. Reckoned once, from what the trees have when the
/// group is first needed; a step that is taken back is not reckoned back.
/// </summary>
internal sealed class GroupReserve
{
    private const uint RmapShare = 100; // one block in so many, at least

    private Part _metadata;
    private Part _rmap;

    private record struct Part(uint Asked, uint Left)
    {
        public static Part Of(ulong asked, uint used)
        {
            uint whole = (uint)Math.Max(Math.Min(asked, uint.MaxValue), used);
            return new(whole, whole - used);
        }

        public readonly Part Less(uint length) => this with { Left = Left - Math.Min(Left, length) };

        public readonly Part More(uint length) => this with { Left = Left + Math.Min(length, Asked - Left) };
    }

    /// <summary>Blocks that an allocation of a kind must leave alone.</summary>
    public uint KeptFrom(BlockReservation reservation) => reservation switch
    {
        BlockReservation.Metadata => _rmap.Left,
        BlockReservation.Rmapbt => _metadata.Left,
        BlockReservation.FreeList => 0,
        _ => _metadata.Left + _rmap.Left,
    };

    public void Take(BlockReservation reservation, uint length)
    {
        if (reservation == BlockReservation.Metadata) _metadata = _metadata.Less(length);
        else if (reservation == BlockReservation.Rmapbt) _rmap = _rmap.Less(length);
    }

    public void Give(BlockReservation reservation, uint length)
    {
        if (reservation == BlockReservation.Metadata) _metadata = _metadata.More(length);
        else if (reservation == BlockReservation.Rmapbt) _rmap = _rmap.More(length);
    }

    /// <param name="editor">The volume.</param>
    /// <param name="header">Of a group in which nothing has been changed yet.</param>
    public static GroupReserve Of(VolumeEditor editor, GroupHeader header)
    {
        Geometry geometry = editor.Geometry;
        Features features = geometry.Features;
        // The log never makes room for anything else.
        bool hasLog = geometry.LogStart is { } log && geometry.AgOf(log) == header.Ag;
        uint blocks = header.Blocks - (hasLog ? Math.Min(header.Blocks, geometry.LogBlocks) : 0);
        ulong asked = 0;
        uint used = 0;
        if (features.Reflink)
        {
            asked += BlocksFor(BtreeFormat.Refcountbt, geometry, blocks);
            used += header[AgFreeHeader.RefcountBlocksAt];
        }

        if (features.FreeInodeBtree)
        {
            ulong chunks = (ulong)blocks * (uint)geometry.InodesPerBlock / Geometry.InodesPerChunk;
            asked += BlocksFor(BtreeFormat.Finobt, geometry, chunks);
            used += FinobtBlocks(editor, header.Ag);
        }

        var reserve = new GroupReserve { _metadata = Part.Of(asked, used) };
        if (!features.ReverseMapBtree) return reserve;
        ulong rmap = Math.Max(blocks / RmapShare, BlocksFor(BtreeFormat.Rmapbt, geometry, blocks));
        reserve._rmap = Part.Of(rmap, header[AgFreeHeader.RmapBlocksAt]);
        return reserve;
    }

    /// <summary>Blocks of a tree of so many records whose blocks are all half full.</summary>
    private static ulong BlocksFor(BtreeFormat format, Geometry geometry, ulong records)
    {
        BtreeLayout layout = BtreeLayout.OfBlock(format, geometry.Features.IsV5, geometry.BlockSize);
        ulong level = DivideUp(records, (uint)layout.EntriesMin(0));
        ulong blocks = level;
        while (level > 1)
        {
            level = DivideUp(level, (uint)layout.EntriesMin(1));
            blocks += level;
        }

        return blocks;
    }

    /// <summary>Where the AGI does not count them, no more than the levels are known.</summary>
    private static uint FinobtBlocks(VolumeEditor editor, uint ag)
    {
        try
        {
            var inodes = new InodeHeader(editor, ag);
            return inodes[editor.Features.InodeBtreeCounts ? AgInodeHeader.FinobtBlocksAt : AgInodeHeader.FreeLevelAt];
        }
        catch (RecoveryFailure)
        {
            return 0; // it will fail by itself whoever needs the inodes
        }
    }

    private static ulong DivideUp(ulong number, uint by) => (number + by - 1) / by;
}
