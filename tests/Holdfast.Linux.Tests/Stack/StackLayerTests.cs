// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Stack;

namespace Holdfast.Linux.Tests.Stack;

/// <summary>
/// Goal: whatever a layer does with places, a range that is carried up comes down again where it was, and the other way
/// round. Method: every layer in many shapes, ranges by a seed.
/// </summary>
public sealed class StackLayerTests
{
    private const long Chunk = 4096;
    private const long Length = (37 * Chunk) + 1024;

    public static TheoryData<string> Layers => [.. All().Select(at => at.Name)];

    [Theory]
    [MemberData(nameof(Layers))]
    public void What_goes_down_comes_up_again(string name)
    {
        (_, StackLayer layer, int members, long length) = All().First(at => at.Name == name);
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            long offset = random.NextInt64(length);
            var above = new ByteRange(offset, random.NextInt64(1, Math.Min(20 * Chunk, length - offset) + 1));
            var found = new List<ByteRange>();
            foreach (StackPiece piece in layer.Down(above))
            {
                Assert.Equal(piece.Below.Length, piece.Above.Length);
                Assert.InRange(piece.Member, 0, members - 1);
                StackPiece[] back = [.. layer.Up(piece.Member, piece.Below)];
                Assert.Equal(piece.Above, Single(back.Select(at => at.Above)));
                Assert.Equal(piece.Below, Single(back.Select(at => at.Below)));
                found.Add(piece.Above);
            }

            // All of it lies somewhere, as often as there are copies.
            Assert.Equal(ByteRangeSet.From([above]), ByteRangeSet.From(found));
            int copies = layer.Kind is "raid1" or "mirror" or "raid10" ? layer.Redundancy + 1
                : layer.Kind == "multipath" ? members : 1;
            Assert.Equal(above.Length * copies, found.Sum(at => at.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void What_goes_up_comes_down_again(string name)
    {
        (_, StackLayer layer, int members, long length) = All().First(at => at.Name == name);
        var random = new Random(8);
        for (int i = 0; i < 300; i++)
        {
            int member = random.Next(members);
            // Before, in and behind what is the member's.
            var below = new ByteRange(random.NextInt64(length + (64 * Chunk)), random.NextInt64(1, 20 * Chunk));
            foreach (StackPiece piece in layer.Up(member, below))
            {
                Assert.True(below.Offset <= piece.Below.Offset && piece.Below.End <= below.End, "clipped");
                Assert.True(piece.Above.Offset >= 0 && piece.Above.End <= length, "within the device above");
                IEnumerable<ByteRange> back = layer.Down(piece.Above).Where(at => at.Member == member)
                    .Select(at => at.Below);
                Assert.True(ByteRangeSet.From(back).Contains(piece.Below), $"{piece} is not where it was");
            }
        }
    }

    /// <summary>Every byte of the device above is on the members exactly as often as there are copies.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void All_members_together_have_all_of_it(string name)
    {
        (_, StackLayer layer, int members, long length) = All().First(at => at.Name == name);
        var found = new List<ByteRange>();
        for (int member = 0; member < members; member++)
        {
            found.AddRange(layer.Up(member, new(0, 1L << 40)).Select(at => at.Above));
        }

        Assert.Equal(ByteRangeSet.From([new(0, length)]), ByteRangeSet.From(found));
        int copies = layer.Kind is "raid1" or "mirror" or "raid10" ? layer.Redundancy + 1
            : layer.Kind == "multipath" ? members : 1;
        Assert.Equal(length * copies, found.Sum(at => at.Length));
    }

    /// <summary>md(4) draws them: five members, left-symmetric.</summary>
    [Fact]
    public void Raid5_is_dealt_out_as_md_does()
    {
        ParityLayout layout = ParityLayout.Of(5, 5, 2)!;
        long?[][] rows = [.. Enumerable.Range(0, 5).Select(row => Enumerable.Range(0, 5)
            .Select(member => layout.ChunkAt(member, row)).ToArray())];
        Assert.Equal(
            [
                [0, 1, 2, 3, null], [5, 6, 7, null, 4], [10, 11, null, 8, 9], [15, null, 12, 13, 14],
                [null, 16, 17, 18, 19],
            ],
            rows);
        Assert.Equal(1, layout.Redundancy);
    }

    [Fact]
    public void Raid10_s_three_ways_are_md_s()
    {
        Raid10Layout near = Raid10Layout.Of(3, 0x102, 100)!;
        Assert.Equal([(0, 0L), (1, 0L)], near.PlacesOf(0));
        Assert.Equal([(2, 0L), (0, 1L)], near.PlacesOf(1));
        Raid10Layout far = Raid10Layout.Of(4, 0x201, 100)!;
        Assert.Equal([(0, 0L), (1, 50L)], far.PlacesOf(0));
        Assert.Equal([(3, 0L), (0, 50L)], far.PlacesOf(3));
        Raid10Layout offset = Raid10Layout.Of(4, 0x10201, 100)!;
        Assert.Equal([(0, 0L), (1, 1L)], offset.PlacesOf(0));
        Assert.Equal([(3, 2L), (0, 3L)], offset.PlacesOf(7));
        Assert.Null(Raid10Layout.Of(2, 0x202, 100));
        Assert.Null(Raid10Layout.Of(4, 0, 100));
    }

    /// <summary>drivers/md/raid0.c: members of 1, 2 and 2 chunks.</summary>
    [Theory]
    [InlineData(1, new[] { 0, 1, 2, 2, 1 })]
    [InlineData(2, new[] { 0, 1, 2, 1, 2 })]
    public void Raid0_of_unequal_members_is_dealt_out_as_md_does(int number, int[] members)
    {
        ZonedStripeLayout layout = ZonedStripeLayout.Of([1, 2, 2], number)!;
        for (int chunk = 0; chunk < members.Length; chunk++)
        {
            Assert.Equal([(members[chunk], chunk < 3 ? 0L : 1L)], layout.PlacesOf(chunk));
        }

        Assert.Empty(layout.PlacesOf(5));
        Assert.Null(layout.ChunkAt(0, 1));
    }

    [Fact]
    public void Raid0_of_unequal_members_is_not_guessed_at()
    {
        Assert.Null(ZonedStripeLayout.Of([1, 2, 2], 0));
        Assert.NotNull(ZonedStripeLayout.Of([2, 2, 2], 0));
    }

    private static ByteRange Single(IEnumerable<ByteRange> ranges) => Assert.Single(ByteRangeSet.From(ranges));

    private static IEnumerable<(string Name, StackLayer Layer, int Members, long Length)> All()
    {
        long[] starts = [0, 2048, 1 << 20, 4096, 512];
        yield return ("partition", new LinearLayer("partition", [new(0, Length, 0, 1 << 20)]), 1, Length);
        yield return ("linear of three", new LinearLayer("linear",
            [
                new(0, 5 * Chunk, 1, 512), new(5 * Chunk, 7 * Chunk, 0, 0),
                new(12 * Chunk, Length - (12 * Chunk), 1, 1 << 22),
            ]), 2, Length);
        yield return ("raid1", new CopiesLayer("raid1", starts[..3], Length, true), 3, Length);
        yield return ("multipath", new CopiesLayer("multipath", [0, 0], Length, false), 2, Length);
        foreach (int members in (int[])[1, 2, 5])
        {
            yield return ($"striped {members}", new ChunkedLayer(
                "striped", Chunk, starts[..members], new StripedLayout(members), Length), members, Length);
        }

        foreach (int layout in (int[])[1, 2])
        {
            yield return ($"raid0 in zones, layout {layout}", new ChunkedLayer(
                "raid0", Chunk, starts, ZonedStripeLayout.Of([4, 9, 9, 20, 1], layout)!, Length), 5, Length);
        }

        foreach ((int level, int members) in ((int, int)[])[(4, 3), (5, 3), (5, 5), (6, 4), (6, 5)])
        {
            foreach (int layout in (int[])[0, 1, 2, 3, 4, 5])
            {
                yield return ($"raid{level} of {members}, layout {layout}", new ChunkedLayer(
                    $"raid{level}", Chunk, starts[..members], ParityLayout.Of(level, members, layout)!, Length),
                    members, Length);
            }
        }

        foreach ((int members, int layout) in ((int, int)[])
            [
                (2, 0x102), (3, 0x102), (4, 0x102), (3, 0x103), (2, 0x201), (4, 0x201), (5, 0x301), (3, 0x10201),
                (4, 0x10201),
            ])
        {
            yield return ($"raid10 of {members}, layout {layout:x}", new ChunkedLayer(
                "raid10", Chunk, starts[..members], Raid10Layout.Of(members, layout, 120)!, Length), members, Length);
        }
    }
}
