// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>The bad ranges of any mixture of sources on one device, merged.</summary>
public sealed class BadRanges
{
    private BadRanges(ByteRangeSet all, ByteRangeSet exact)
    {
        All = all;
        Exact = exact;
    }

    /// <summary>Every byte that a source names.</summary>
    public ByteRangeSet All { get; }

    /// <summary>Those that a source names which knows their extent.</summary>
    public ByteRangeSet Exact { get; }

    public static BadRanges From(IEnumerable<ReportedRange> reported)
    {
        ArgumentNullException.ThrowIfNull(reported);
        var exact = new List<ByteRange>();
        var low = new List<ByteRange>();
        foreach (ReportedRange report in reported)
        {
            (report.Confidence == Confidence.Exact ? exact : low).Add(report.Range);
        }

        ByteRangeSet known = ByteRangeSet.From(exact);
        return new(known.Union(ByteRangeSet.From(low)), known);
    }

    /// <summary>Low where not one byte of the range is named by a source that knows its extent.</summary>
    public Confidence ConfidenceIn(ByteRange range) => Exact.Overlaps(range) ? Confidence.Exact : Confidence.Low;
}
