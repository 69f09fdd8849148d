// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Targets;

/// <summary>What ranges of a device of the stack are to the XFS that is mounted from it.</summary>
/// <param name="Totals">Null where the kernel does not say.</param>
/// <param name="Gaps">Why less is known than should be.</param>
internal sealed record MountedHits(ReportTotals? Totals, IReadOnlyList<string> Gaps)
{
    /// <returns>Null where no XFS is mounted from the device, or none of the bytes are on it.</returns>
    public static MountedHits? Of(StackNode node, ByteRangeSet ranges)
    {
        if (node.Mounted is null || ranges.IsEmpty) return null;
        try
        {
            using KernelTarget? target = KernelTarget.Open(node.Name);
            if (target is null) return null;
            MountedAnswer answer = target.Locate(ranges, withUsers: false);
            return new(ReportTotals.Of(answer.Impacts), [.. target.Gaps, .. answer.Gaps]);
        }
        catch (CommandFailure failure)
        {
            return new(null, [failure.Message]);
        }
    }
}
