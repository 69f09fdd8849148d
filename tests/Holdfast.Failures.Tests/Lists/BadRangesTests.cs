// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class BadRangesTests
{
    [Fact]
    public void Sources_merge_and_a_byte_is_as_sure_as_the_surest_source_that_names_it()
    {
        var bad = BadRanges.From(
        [
            new(new(8192, 4096), Confidence.Low),
            new(new(0, 512), Confidence.Exact),
            new(new(9216, 512), Confidence.Exact),
        ]);
        Assert.Equal([new(0, 512), new(8192, 4096)], bad.All);
        Assert.Equal([new(0, 512), new(9216, 512)], bad.Exact);
        Assert.Equal(Confidence.Exact, bad.ConfidenceIn(new(0, 4096)));
        Assert.Equal(Confidence.Low, bad.ConfidenceIn(new(8192, 1024)));
        Assert.Equal(Confidence.Exact, bad.ConfidenceIn(new(8192, 1025)));
    }

    [Fact]
    public void A_million_ranges_of_two_sources_merge()
    {
        const int Count = 500_000;
        var bad = BadRanges.From(Enumerable.Range(0, Count).SelectMany(i => new ReportedRange[]
            { new(new(4096L * i, 512), Confidence.Exact), new(new(4096L * (Count - i), 1024), Confidence.Low) }));
        Assert.Equal(Count + 1, bad.All.Count);
        Assert.Equal(Count, bad.Exact.Count);
        Assert.Equal((1024L * Count) + 512, bad.All.TotalLength);
    }
}
