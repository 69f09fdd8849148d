// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// The bad ranges of one list, in its order, neighbours merged, and what in the list could not be read. A list with
/// faults is for its reader to refuse: the ranges are those of the sound lines.
/// </summary>
public sealed record RangeList(IReadOnlyList<ReportedRange> Ranges, ListFaults Faults)
{
    /// <summary>
    /// Most ranges that are taken from one list, 24 bytes each; the line that would add one more is a fault.
    /// </summary>
    public const int RangesMax = 1 << 23;
}
