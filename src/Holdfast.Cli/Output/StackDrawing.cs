// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Output;

/// <summary>A device as it is drawn: with what asked ranges are on it, and what comes behind it on the way.</summary>
/// <param name="Node">Null for a member that is missing.</param>
/// <param name="Ranges">Null where nobody asked, or where they cannot be followed to here.</param>
/// <param name="Hits">What they are to the filesystem that is mounted there; null where there is none.</param>
internal sealed record StackBranch(
    StackNode? Node, ByteRangeSet? Ranges, MountedHits? Hits, IReadOnlyList<StackBranch> Next);

/// <summary>The two trees around a device: what it lies on, and what lies on it.</summary>
internal sealed class StackDrawing
{
    private readonly Func<StackNode, ByteRangeSet, MountedHits?> _hitsOf;

    /// <param name="asked">Ranges of the device; null where nobody asked.</param>
    /// <param name="hitsOf">Asks the filesystem of a device.</param>
    public StackDrawing(StackNode node, ByteRangeSet? asked, Func<StackNode, ByteRangeSet, MountedHits?> hitsOf)
    {
        _hitsOf = hitsOf;
        IsAsked = asked is not null;
        Device = new(node, asked, HitsOf(node, asked), []);
        Below = BelowOf(node, asked);
        Above = AboveOf(node, asked);
    }

    public bool IsAsked { get; }

    /// <summary>The device itself.</summary>
    public StackBranch Device { get; }

    public IReadOnlyList<StackBranch> Below { get; }

    public IReadOnlyList<StackBranch> Above { get; }

    private List<StackBranch> BelowOf(StackNode node, ByteRangeSet? ranges)
    {
        var branches = new List<StackBranch>();
        for (int member = 0; member < node.Below.Count; member++)
        {
            if (node.Below[member] is not { } below)
            {
                branches.Add(new(null, null, null, []));
                continue;
            }

            ByteRangeSet? there = ranges is null ? null : StackRanges.Down(node, member, ranges);
            branches.Add(new(below, there, HitsOf(below, there), BelowOf(below, there)));
        }

        return branches;
    }

    private List<StackBranch> AboveOf(StackNode node, ByteRangeSet? ranges)
    {
        var branches = new List<StackBranch>();
        foreach (StackNode above in node.Above)
        {
            ByteRangeSet? there = ranges is null ? null : StackRanges.Up(node, above, ranges);
            branches.Add(new(above, there, HitsOf(above, there), AboveOf(above, there)));
        }

        return branches;
    }

    private MountedHits? HitsOf(StackNode node, ByteRangeSet? ranges) => ranges is null ? null : _hitsOf(node, ranges);
}
