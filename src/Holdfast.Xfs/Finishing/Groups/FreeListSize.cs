// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// How many blocks a group's AGFL must hold so that free space can be changed: enough for each of the trees that feed
/// on it to split at every level, and to split again below the new root while the list is filled up.
/// </summary>
internal sealed class FreeListSize
{
    private const ulong RootChildrenMin = 2;

    private readonly bool _hasRmapbt;

    public FreeListSize(Geometry geometry)
    {
        _hasRmapbt = geometry.Features.ReverseMapBtree;
        BtreeLayout free = BtreeLayout.OfBlock(BtreeFormat.Bnobt, geometry.Features.IsV5, geometry.BlockSize);
        FreeLevelsMax = LevelsOfRecords(in free, (geometry.AgBlocks + 1) / 2);
        if (!_hasRmapbt) return;
        BtreeLayout rmap = BtreeLayout.OfBlock(BtreeFormat.Rmapbt, true, geometry.BlockSize);
        RmapLevelsMax = geometry.Features.Reflink
            ? LevelsOfBlocks(in rmap, geometry.AgBlocks)
            : LevelsOfRecords(in rmap, geometry.AgBlocks);
    }

    /// <summary>Levels that bnobt and cntbt have at most.</summary>
    public int FreeLevelsMax { get; }

    /// <summary>Levels that the rmapbt has at most; 0 without one.</summary>
    public int RmapLevelsMax { get; }

    public uint Of(GroupHeader header)
    {
        uint size = Of(header.Bnobt, FreeLevelsMax) + Of(header.Cntbt, FreeLevelsMax);
        return _hasRmapbt ? size + Of(header.Rmapbt, RmapLevelsMax) : size;
    }

    private static uint Of(FreeListTreePlace tree, int levelsMax) =>
        (uint)Math.Max(0, Math.Min(tree.Levels + 1, levelsMax) * 2 - 2);

    /// <summary>Levels that so many records need in half-full blocks.</summary>
    internal static int LevelsOfRecords(in BtreeLayout layout, uint records)
    {
        uint blocks = DivideUp(records, layout.EntriesMin(0));
        int levels = 1;
        for (; blocks > 1; levels++) blocks = DivideUp(blocks, layout.EntriesMin(1));
        return levels;
    }

    /// <summary>Levels of a tree of half-full nodes, but for the root, that fills so many blocks.</summary>
    private static int LevelsOfBlocks(in BtreeLayout layout, uint blocks)
    {
        ulong nodes = RootChildrenMin;
        ulong left = Math.Max(1, blocks) - 1;
        int levels = 1;
        while (nodes < left)
        {
            left -= nodes;
            nodes *= (ulong)layout.EntriesMin(1);
            levels++;
        }

        return levels;
    }

    private static uint DivideUp(uint number, int by) => (uint)(((ulong)number + (uint)by - 1) / (uint)by);
}
