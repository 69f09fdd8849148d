// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>Carries ranges of one device through the layer between two.</summary>
public static class StackRanges
{
    /// <summary>What ranges of a device are on one that lies on it; null where they cannot be followed.</summary>
    public static ByteRangeSet? Up(StackNode from, StackNode to, ByteRangeSet ranges)
    {
        if (to.Layer is not { } layer) return null;
        var found = new List<ByteRange>();
        for (int member = 0; member < to.Below.Count; member++)
        {
            if (to.Below[member]?.Name != from.Name) continue;
            foreach (ByteRange range in ranges) found.AddRange(layer.Up(member, range).Select(piece => piece.Above));
        }

        return ByteRangeSet.From(found);
    }

    /// <summary>Where ranges of a device lie on one below it; null where they cannot be followed.</summary>
    /// <param name="member">Which of the devices below.</param>
    public static ByteRangeSet? Down(StackNode from, int member, ByteRangeSet ranges)
    {
        if (from.Layer is not { } layer) return null;
        return ByteRangeSet.From(ranges.SelectMany(range => layer.Down(range))
            .Where(piece => piece.Member == member).Select(piece => piece.Below));
    }
}
