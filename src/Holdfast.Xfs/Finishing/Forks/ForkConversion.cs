// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>Makes a part of a mapping written or unwritten, and joins it with neighbours of its new state.</summary>
internal static class ForkConversion
{
    /// <param name="changed">Within one mapping of the other state; its own state is the one it gets.</param>
    public static void Convert(ForkMap map, in ForkExtent changed)
    {
        if (map.AtOrAfter(changed.Offset.Value) is not { } known || known.Offset.Value > changed.Offset.Value
            || known.OffsetEnd < changed.OffsetEnd || known.IsUnwritten == changed.IsUnwritten)
        {
            map.Inode.Fail(BlockFault.Bad("br_state", $"no mapping at {changed.Offset} that can be converted"));
            return;
        }

        bool fromStart = known.Offset == changed.Offset;
        bool toEnd = known.OffsetEnd == changed.OffsetEnd;
        ForkExtent? left = map.Before(known.Offset.Value);
        ForkExtent? right = map.AtOrAfter(known.OffsetEnd);
        bool joinsLeft = fromStart && left is { } before && ForkMapping.GoesOn(before, changed);
        ulong lengthSoFar = changed.Length + (joinsLeft && toEnd ? left!.Value.Length : 0ul);
        bool joinsRight = toEnd && right is { } after && ForkMapping.GoesOn(changed, after)
            && lengthSoFar + after.Length <= ForkExtent.LengthMax;
        if (fromStart && toEnd) Whole(map, known, changed, joinsLeft ? left : null, joinsRight ? right : null);
        else if (fromStart) Head(map, known, changed, joinsLeft ? left : null);
        else if (toEnd) Tail(map, known, changed, joinsRight ? right : null);
        else Middle(map, known, changed);
    }

    private static void Whole(
        ForkMap map, in ForkExtent known, in ForkExtent changed, ForkExtent? left, ForkExtent? right)
    {
        if (right is { } after) map.Delete(after);
        if (left is { } before)
        {
            map.Delete(known);
            map.Replace(before, before with { Length = before.Length + changed.Length + (right?.Length ?? 0) });
        }
        else
        {
            map.Replace(known, changed with { Length = changed.Length + (right?.Length ?? 0) });
        }
    }

    private static void Head(ForkMap map, in ForkExtent known, in ForkExtent changed, ForkExtent? left)
    {
        ForkExtent rest = known.From(changed.OffsetEnd);
        if (left is { } before)
        {
            map.Replace(known, rest);
            map.Replace(before, before with { Length = before.Length + changed.Length });
        }
        else
        {
            map.SplitAddingHead(known, changed, rest);
        }
    }

    private static void Tail(ForkMap map, in ForkExtent known, in ForkExtent changed, ForkExtent? right)
    {
        map.Replace(known, known.Until(changed.Offset.Value));
        if (right is { } after) map.Replace(after, changed with { Length = changed.Length + after.Length });
        else map.Insert(changed);
    }

    private static void Middle(ForkMap map, in ForkExtent known, in ForkExtent changed)
    {
        map.SplitAddingHead(known, known.Until(changed.Offset.Value), known.From(changed.OffsetEnd));
        map.Insert(changed);
    }
}
