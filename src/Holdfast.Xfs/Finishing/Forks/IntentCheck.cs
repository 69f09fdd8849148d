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
        if (isRealtime) return true;
        var block = new FsBlock(start);
        uint headers = (uint)(AgFreeListSector * geometry.SectorSize / geometry.BlockSize);
        return geometry.IsValid(block, length) && geometry.AgBlockOf(block).Value > headers;
    }
}
