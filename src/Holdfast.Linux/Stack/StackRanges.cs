// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Stack;

/// <summary>Carries ranges of one device through the layer between two.</summary>
public static class StackRanges
{
    /// <summary>What ranges of a device are on one that lies on it; null where they cannot be followed.</summary>
    public static ByteRangeSet? Up(StackNode from, StackNode to, ByteRangeSet ranges)
    {
        if (to.Layer is not { } layer) return null;
        return Asked(() => Enumerable.Range(0, to.Below.Count)
            .Where(member => to.Below[member]?.Name == from.Name)
            .SelectMany(member => layer.UpAll(member, ranges)).Select(piece => piece.Above));
    }

    /// <summary>Where ranges of a device lie on one below it; null where they cannot be followed.</summary>
    /// <param name="member">Which of the devices below.</param>
    public static ByteRangeSet? Down(StackNode from, int member, ByteRangeSet ranges)
    {
        if (from.Layer is not { } layer) return null;
        return Asked(() => ranges.SelectMany(range => layer.Down(range))
            .Where(piece => piece.Member == member).Select(piece => piece.Below));
    }

    private static ByteRangeSet? Asked(Func<IEnumerable<ByteRange>> question)
    {
        try
        {
            return ByteRangeSet.From(question());
        }
        catch (KernelRefusal)
        {
            // A file has gone meanwhile, or its filesystem cannot read its own map.
            return null;
        }
    }
}
