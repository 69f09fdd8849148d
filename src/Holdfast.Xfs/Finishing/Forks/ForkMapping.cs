// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// Puts mappings into holes. A mapping that goes on where its neighbour ends, in the file and on the disk and in the
/// same state, becomes one with it, as long as the length can be told in one record.
/// </summary>
internal static class ForkMapping
{
    public static void Map(ForkMap map, in ForkExtent added)
    {
        if (added.Length is 0 or > ForkExtent.LengthMax)
        {
            map.Inode.Fail(BlockFault.OutOfBounds("br_blockcount", added.Length, ForkExtent.LengthMax));
        }

        ForkExtent? right = map.AtOrAfter(added.Offset.Value);
        if (right is { } overlapped && overlapped.Offset.Value < added.OffsetEnd)
        {
            map.Inode.Fail(BlockFault.Bad("br_startoff", $"{added.Offset} is no hole of {added.Length} blocks"));
        }

        ForkExtent? left = map.Before(added.Offset.Value);
        bool joinsLeft = left is { } before && GoesOn(before, added);
        ulong lengthSoFar = added.Length + (joinsLeft ? left!.Value.Length : 0ul);
        bool joinsRight = right is { } after && GoesOn(added, after)
            && lengthSoFar + after.Length <= ForkExtent.LengthMax;
        if (joinsLeft && joinsRight)
        {
            map.Delete(right!.Value);
            map.Replace(left!.Value, left.Value with { Length = (uint)lengthSoFar + right.Value.Length });
        }
        else if (joinsLeft)
        {
            map.Replace(left!.Value, left.Value with { Length = (uint)lengthSoFar });
        }
        else if (joinsRight)
        {
            map.Replace(right!.Value, added with { Length = added.Length + right.Value.Length });
        }
        else
        {
            map.Insert(added);
        }
    }

    /// <summary>Can one record tell of both?</summary>
    public static bool GoesOn(in ForkExtent left, in ForkExtent right) =>
        left.OffsetEnd == right.Offset.Value && left.StartEnd == right.Start.Value
        && left.IsUnwritten == right.IsUnwritten && left.Length + (ulong)right.Length <= ForkExtent.LengthMax;
}
