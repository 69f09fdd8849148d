// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// Blocks that the kernel thinks an attribute could take at most when it is put in. A group that has not as many free
/// is passed over, although one would do.
/// </summary>
internal static class AttributeReserve
{
    /// <summary>Blocks of a tree that one insertion may split: one a level.</summary>
    private const uint TreeBlocks = TreePath.LengthMax;

    private const int RootEntriesMin = 2;
    private const int BmbtHeader = 72; // struct xfs_btree_block with long pointers and a checksum
    private const int BmbtEntry = 2 * sizeof(ulong);
    private const int FreeTreeHeader = 56; // the same with short pointers
    private const ulong ExtentsMax = (1ul << 15) - 1;
    private const ulong LargeExtentsMax = (1ul << 32) - 1;

    internal static uint Of(Geometry geometry, AttributeChange change)
    {
        uint blocks = TreeBlocks + TreeBlocks * MapBlocks(geometry, 1);
        int space = LeafEntries.SpaceOf(change, geometry.BlockSize, out bool isLocal);
        // A leaf may have to be split twice for it.
        if (isLocal) return space > geometry.BlockSize / 2 ? 2 * blocks : blocks;
        var value = (uint)AttributeRemoteValue.BlocksOf(change.Value.Length, geometry.BlockSize, hasCrc: true);
        return blocks + value + MapBlocks(geometry, value);
    }

    /// <summary>Blocks of the fork's block map that so many mappings may need.</summary>
    private static uint MapBlocks(Geometry geometry, uint mappings)
    {
        int records = (geometry.BlockSize - FreeTreeHeader) / FreeRecord.Size;
        var perBlock = (uint)(records - records / 2);
        return Above(mappings, perBlock) * (MapLevels(geometry) - 1);
    }

    /// <summary>Levels of the tallest block map that an attribute fork can have.</summary>
    private static uint MapLevels(Geometry geometry)
    {
        ulong least = (ulong)((geometry.BlockSize - BmbtHeader) / BmbtEntry / 2);
        ulong blocks = Above(geometry.Features.LargeExtentCounts ? LargeExtentsMax : ExtentsMax, least);
        uint level = 1;
        for (; blocks > 1; level++) blocks = blocks <= RootEntriesMin ? 1 : Above(blocks, least);
        return level;
    }

    private static uint Above(uint count, uint unit) => (count + unit - 1) / unit;

    private static ulong Above(ulong count, ulong unit) => (count + unit - 1) / unit;
}
