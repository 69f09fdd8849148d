// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>What the numbers of a logged intent about mappings must be before it is taken up.</summary>
internal static class IntentCheck
{
    /// <summary>The AGFL is in the fourth sector of a group; no file has that block or one before it.</summary>
    private const int AgFreeListSector = 3;

    public static bool IsFileRange(ulong offset, ulong length) =>
        length > 0 && offset < ForkWalk.OffsetEnd && length <= ForkWalk.OffsetEnd - offset;

    public static bool IsPlace(Geometry geometry, ulong start, uint length, bool isRealtime)
    {
        if (length == 0 || start + length < start) return false;
        if (isRealtime) return IsRealtimePlace(geometry, start, length);
        var block = new FsBlock(start);
        uint headers = (uint)(AgFreeListSector * geometry.SectorSize / geometry.BlockSize);
        return geometry.IsValid(block, length) && geometry.AgBlockOf(block).Value > headers;
    }

    /// <summary>Blocks of one realtime group; without groups, blocks that the device has.</summary>
    private static bool IsRealtimePlace(Geometry geometry, ulong start, uint length)
    {
        ulong last = start + length - 1;
        if (geometry.RealtimeGroupCount == 0) return last < geometry.RealtimeBlocks;
        ulong group = start >> geometry.RealtimeGroupBlockLog;
        return group < geometry.RealtimeGroupCount && last >> geometry.RealtimeGroupBlockLog == group;
    }
}
