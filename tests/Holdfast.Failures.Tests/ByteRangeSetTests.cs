// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Holdfast.Failures.Tests;

// Goal: a set of ranges is the set of its bytes, whatever it was made from.
// Method: random ranges in a small universe, pinned seeds, beside a plain array with a flag for every byte.
public sealed class ByteRangeSetTests
{
    private const int Universe = 128;
    private const int Rounds = 400;

    public static TheoryData<int> Seeds => [1, 2, 3, 5, 8, 13];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_set_holds_the_bytes_it_was_made_from(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            List<ByteRange> ranges = RandomRanges(random, round);
            var set = ByteRangeSet.From(ranges);
            AssertCanonical(set);
            AssertSame(Flags(ranges), Flags(set));
            Assert.Equal(Flags(ranges).LongCount(f => f), set.TotalLength);
            // Reading it back makes the same set again, also from an enumerable of unknown length.
            Assert.Equal(set.ToArray(), ByteRangeSet.From(set.Where(_ => true)));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_sets_combine_as_their_bytes_do(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            var one = ByteRangeSet.From(RandomRanges(random, round));
            var other = ByteRangeSet.From(RandomRanges(random, Rounds - round));
            bool[] mine = Flags(one);
            bool[] theirs = Flags(other);
            ByteRangeSet union = one.Union(other);
            ByteRangeSet rest = one.Except(other);
            AssertCanonical(union);
            AssertCanonical(rest);
            AssertSame(mine.Select((f, i) => f || theirs[i]), Flags(union));
            AssertSame(mine.Select((f, i) => f && !theirs[i]), Flags(rest));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_window_shows_the_bytes_in_it(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            var set = ByteRangeSet.From(RandomRanges(random, round));
            bool[] flags = Flags(set);
            int start = random.Next(Universe);
            var window = new ByteRange(start, random.Next(Universe - start));
            bool[] inside = Flags([window]);
            AssertSame(flags.Select((f, i) => f && inside[i]), Flags(set.Within(window)));
            AssertSame(flags.Select((f, i) => !f && inside[i]), Flags(set.Gaps(window)));
            Assert.Equal(flags.Where((f, i) => f && inside[i]).Any(), set.Overlaps(window));
            bool whole = !window.IsEmpty && flags.Where((_, i) => inside[i]).All(f => f);
            if (!window.IsEmpty) Assert.Equal(whole, set.Contains(window));
            int first = set.TakeWhile(r => r.End <= start).Count();
            Assert.Equal(first, set.FirstEndingAfter(start));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Widening_takes_in_the_whole_of_every_unit_touched(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            var set = ByteRangeSet.From(RandomRanges(random, round));
            int unit = 1 << random.Next(5);
            bool[] flags = Flags(set);
            ByteRangeSet wide = set.WidenedTo(unit);
            AssertCanonical(wide);
            AssertSame(flags.Select((_, i) => flags.Skip(i / unit * unit).Take(unit).Any(f => f)), Flags(wide));
        }
    }

    [Fact]
    public void Widening_stops_where_offsets_end()
    {
        var last = ByteRangeSet.From([new ByteRange(long.MaxValue - 1, 1)]);
        ByteRange wide = Assert.Single(last.WidenedTo(4096));
        Assert.Equal(ByteRange.FromTo(long.MaxValue - 4095, long.MaxValue), wide);
        Assert.Throws<ArgumentOutOfRangeException>(() => last.WidenedTo(0));
    }

    [Fact]
    public void A_window_that_ends_past_all_offsets_is_asked_without_overflow()
    {
        var set = ByteRangeSet.From([new ByteRange(100, 1)]);
        Assert.True(set.Overlaps(50, long.MaxValue));
        Assert.False(set.Overlaps(101, long.MaxValue));
        Assert.False(set.Overlaps(100, 0));
    }

    [Fact]
    public void Empty_sets_are_one_and_the_same()
    {
        Assert.Same(ByteRangeSet.Empty, ByteRangeSet.From([]));
        Assert.Same(ByteRangeSet.Empty, ByteRangeSet.From([new ByteRange(7, 0)]));
        var one = ByteRangeSet.From([new ByteRange(7, 1)]);
        Assert.Same(one, one.Union(ByteRangeSet.Empty));
        Assert.Same(one, ByteRangeSet.Empty.Union(one));
        Assert.Same(one, one.Except(ByteRangeSet.Empty));
        Assert.Same(ByteRangeSet.Empty, one.Except(one));
    }

    [Fact]
    public void A_million_ranges_in_any_order_merge_into_what_they_cover()
    {
        const int Count = 1_000_000;
        int[] order = [.. Enumerable.Range(0, Count)];
        new Random(20).Shuffle(order);
        // Every fourth touches the one before it.
        var set = ByteRangeSet.From(order.Select(i => new ByteRange(1024L * i, i % 4 == 0 ? 1024 : 512)));
        Assert.Equal(Count / 4 * 3, set.Count);
        Assert.Equal((512L * Count) + (512L * Count / 4), set.TotalLength);
        AssertCanonical(set);
    }

    private static List<ByteRange> RandomRanges(Random random, int count)
    {
        var ranges = new List<ByteRange>();
        for (int i = random.Next((count % 24) + 1); i > 0; i--)
        {
            int start = random.Next(Universe);
            ranges.Add(new(start, random.Next(Math.Min(12, Universe - start))));
        }

        if (random.Next(2) == 0) ranges.Sort();
        return ranges;
    }

    private static bool[] Flags(IEnumerable<ByteRange> ranges)
    {
        bool[] flags = new bool[Universe];
        foreach (ByteRange range in ranges)
        {
            for (long i = range.Offset; i < range.End; i++) flags[i] = true;
        }

        return flags;
    }

    private static void AssertSame(IEnumerable<bool> wanted, bool[] found) =>
        Assert.Equal(string.Concat(wanted.Select(Digit)), string.Concat(found.Select(Digit)));

    private static char Digit(bool flag) => flag ? '1' : '0';

    private static void AssertCanonical(ByteRangeSet set)
    {
        for (int i = 0; i < set.Count; i++)
        {
            Assert.False(set[i].IsEmpty);
            Assert.True(i == 0 || set[i - 1].End < set[i].Offset);
        }
    }
}
