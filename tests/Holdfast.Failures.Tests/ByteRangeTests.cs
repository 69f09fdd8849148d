// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Holdfast.Failures.Tests;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    public void A_range_that_cannot_be_is_refused(long offset, long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ByteRange(offset, length));

    [Fact]
    public void The_largest_range_ends_at_the_largest_offset()
    {
        var all = new ByteRange(0, long.MaxValue);
        Assert.Equal(long.MaxValue, all.End);
        Assert.True(all.Overlaps(new ByteRange(long.MaxValue - 1, 1)));
    }

    // Method: two ranges in a universe of twelve bytes, every pair of them, against the bytes counted one by one.
    [Fact]
    public void Overlap_and_intersection_are_what_counting_bytes_says()
    {
        const int Universe = 12;
        for (int i = 0; i < Universe * Universe * Universe * Universe; i++)
        {
            int a = i % Universe;
            int b = i / Universe % Universe;
            int c = i / Universe / Universe % Universe;
            int d = i / Universe / Universe / Universe;
            var one = new ByteRange(a, b);
            var other = new ByteRange(c, d);
            long[] common = [.. Bytes(one).Intersect(Bytes(other))];
            Assert.Equal(common.Length > 0, one.Overlaps(other));
            Assert.Equal(common, Bytes(one.Intersect(other)));
        }
    }

    [Fact]
    public void Ranges_sort_by_offset_then_length()
    {
        ByteRange[] sorted = [new(0, 9), new(3, 1), new(3, 2), new(4, 0)];
        ByteRange[] shuffled = [sorted[2], sorted[0], sorted[3], sorted[1]];
        Array.Sort(shuffled);
        Assert.Equal(sorted, shuffled);
        Assert.True(sorted[1] < sorted[2] && sorted[2] > sorted[1] && sorted[1] <= sorted[1] && sorted[1] >= sorted[0]);
    }

    private static IEnumerable<long> Bytes(ByteRange range) =>
        Enumerable.Range(0, (int)range.Length).Select(i => range.Offset + i);
}
