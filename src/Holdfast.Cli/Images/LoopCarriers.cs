// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Images;

/// <summary>Bytes of an image as a device has them that lies on it.</summary>
/// <param name="Ranges">In bytes of the device; null where they cannot be followed.</param>
/// <param name="IsTop">No device further up has them.</param>
internal sealed record CarriedRange(StackNode Node, ByteRangeSet? Ranges, bool IsTop)
{
    public bool IsXfs => Node.Mounted?.StartsWith("xfs ", StringComparison.Ordinal) == true;
}

/// <summary>
/// Carries bytes of an image file up through a loop device over it and what lies on that: partitions, volumes, arrays.
/// </summary>
internal static class LoopCarriers
{
    /// <param name="ranges">In bytes of the file.</param>
    /// <returns>The devices that have any of them, each before those that lie on it.</returns>
    public static IReadOnlyList<CarriedRange> Of(BlockDevice loop, ByteRangeSet ranges)
    {
        var found = new List<CarriedRange>();
        var window = new ByteRange(loop.LoopOffset, Math.Min(loop.Size ?? 0, long.MaxValue - loop.LoopOffset));
        ByteRangeSet onLoop = ByteRangeSet.From(ranges.Within(window)
            .Select(range => new ByteRange(range.Offset - window.Offset, range.Length)));
        if (onLoop.IsEmpty) return found;
        StackNode node = DeviceGraph.Of(
            loop, KernelRoots.Real, device => MapperControl.TableOf(device, KernelRoots.Real));
        Follow(node, onLoop, found);
        return found;
    }

    /// <summary>As deep as devices lie on one another, which the graph bounds.</summary>
    private static void Follow(StackNode node, ByteRangeSet ranges, List<CarriedRange> found)
    {
        int own = found.Count;
        found.Add(new(node, ranges, IsTop: true));
        // What lies in a filesystem is the filesystem's to tell.
        if (node.Mounted is not null) return;
        foreach (StackNode above in node.Above)
        {
            ByteRangeSet? carried = StackRanges.Up(node, above, ranges);
            if (carried is { IsEmpty: true }) continue;
            found[own] = found[own] with { IsTop = false };
            if (carried is null) found.Add(new(above, null, IsTop: true));
            else Follow(above, carried, found);
        }
    }
}
