// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class MapfileTests
{
    private const string Head = "0x0 ? 1\n";

    [Fact]
    public void A_finished_mapfile_of_ddrescue_names_its_bad_sectors()
    {
        Mapfile map = ReadSample("ddrescue-finished.map");
        Assert.Equal(new(0x62C00, '+', 1), map.Position);
        Assert.True(map.Position.IsFinished);
        Assert.Equal(5, map.Blocks.Count);
        Assert.Equal(0x100000, map.End);
        Assert.Equal([new(0x10000, 0x400), new(0x60000, 0x3000)], map.Where(MapfileStatuses.BadSector));
        Assert.True(map.Where(MapfileStatuses.Untried).IsEmpty);
        Assert.Equal(map.Where(MapfileStatuses.BadSector), map.NotRescued(0x100000));
        Assert.All(map.Reported(MapfileStatuses.BadSector), r => Assert.Equal(Confidence.Exact, r.Confidence));
    }

    [Fact]
    public void What_was_not_scraped_is_reported_only_when_asked_for_and_with_low_confidence()
    {
        Mapfile map = ReadSample("ddrescue-no-scrape.map");
        Assert.Equal(
            [new(0x10000, 0x400), new(0x60000, 0x200), new(0x62E00, 0x200)],
            map.Reported(MapfileStatuses.BadSector).Select(r => r.Range));
        IReadOnlyList<ReportedRange> all = map.Reported(MapfileStatuses.BadSector | MapfileStatuses.Untried);
        Assert.Equal(4, all.Count);
        Assert.Equal(new(new ByteRange(0x60200, 0x2C00), Confidence.Low), all[2]);
    }

    [Fact]
    public void A_run_that_stopped_early_leaves_blocks_that_are_not_trimmed()
    {
        Mapfile map = ReadSample("ddrescue-stopped-early.map");
        Assert.Equal(new(0x20000, '*', 1), map.Position);
        Assert.False(map.Position.IsFinished);
        Assert.Equal([new(0x10200, 0xFE00), new(0x60000, 0x10000)], map.Where(MapfileStatuses.NonTrimmed));
    }

    [Fact]
    public void What_no_block_covers_was_not_rescued()
    {
        Mapfile map = ReadSample("ddrescue-part.map");
        Assert.Equal([new(0, 0x200000)], map.NotRescued(0x200000));
        Mapfile gaps = Read(Head + "0x1000 0x1000 +\n0x4000 0x1000 +\n");
        Assert.Empty(gaps.Faults);
        Assert.Equal(
            [ByteRange.FromTo(0, 0x1000), ByteRange.FromTo(0x2000, 0x4000), ByteRange.FromTo(0x5000, 0x6000)],
            gaps.NotRescued(0x6000));
        Assert.Equal([ByteRange.FromTo(0, 0x800)], gaps.NotRescued(0x800));
    }

    [Fact]
    public void Numbers_are_those_of_C_and_comments_stand_anywhere()
    {
        Mapfile map = ReadSample("hand-edited.map");
        Assert.Equal(new(1179648, '?', 1), map.Position);
        Assert.Equal(
            [
                new(new(0, 4096), MapfileStatuses.Finished, 3),
                new(new(4096, 512), MapfileStatuses.BadSector, 5),
                new(new(4608, 3584), MapfileStatuses.NonTrimmed, 6),
                new(new(8192, 8192), MapfileStatuses.NonScraped, 7),
                new(new(16384, 16384), MapfileStatuses.NonTried, 8),
            ],
            map.Blocks);
    }

    [Fact]
    public void The_end_of_a_device_of_unknown_size_is_where_offsets_end()
    {
        Mapfile map = Read(Head + "0x0 0x1000 +\n0x1000 0x7FFFFFFFFFFFFFFF ?\n");
        Assert.Empty(map.Faults);
        Assert.Equal(long.MaxValue, map.End);
        Assert.Empty(Read(Head + "0x0 0x0 ?\n").Blocks);
    }

    [Theory]
    [InlineData("", 0, "no status line")]
    [InlineData("# only a comment\n\n", 0, "no status line")]
    [InlineData("0x0 0x1000 +\n", 1, "status line")]
    [InlineData("-5 + 1\n", 1, "negative")]
    [InlineData("0 x 1\n", 1, "no status")]
    [InlineData("0 + 0\n", 1, "the pass")]
    [InlineData("0 + -1\n", 1, "the pass")]
    [InlineData("0 + 1 1\n", 1, "more than")]
    [InlineData(Head + "0x0 0x1000\n", 2, "no status")]
    [InlineData(Head + "0x0 0x1000 F\n", 2, "no status")]
    [InlineData(Head + "0x0+\n", 2, "no space")]
    [InlineData(Head + "0x0 +\n", 2, "the size is not a number")]
    [InlineData(Head + "0x0 -1 +\n", 2, "the size is a negative")]
    [InlineData(Head + "-1 5 +\n", 2, "the position is a negative")]
    [InlineData(Head + "0x8000000000000000 5 +\n", 2, "past 2^63 - 1")]
    [InlineData(Head + "08 5 +\n", 2, "octal")]
    [InlineData(Head + "0x 5 +\n", 2, "not a number")]
    [InlineData(Head + "0x5 0 +\n", 2, "no bytes")]
    [InlineData(Head + "0 5 + and so on\n", 2, "more than")]
    [InlineData(Head + "\0\0\0\n", 2, "not a number")]
    public void A_wrong_line_is_a_fault(string text, long line, string problem)
    {
        ListFault fault = Assert.Single(Read(text).Faults);
        Assert.Equal(line, fault.Line);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_line_without_a_pass_is_that_of_an_old_ddrescue()
    {
        Mapfile map = Read("0x200 ?\n0x0 0x200 +\n");
        Assert.Empty(map.Faults);
        Assert.Equal(new(0x200, '?', 1), map.Position);
    }

    [Fact]
    public void Blocks_out_of_order_are_sorted_and_may_overlap_their_like()
    {
        Mapfile map = Read(Head + "0x4000 0x1000 -\n0x0 0x1000 +\n0x800 0x1000 +\n0x4800 0x100 -\n");
        Assert.Empty(map.Faults);
        Assert.Equal([0, 0x800, 0x4000, 0x4800], map.Blocks.Select(b => b.Range.Offset));
        Assert.Equal([ByteRange.FromTo(0, 0x1800)], map.Where(MapfileStatuses.Finished));
    }

    [Fact]
    public void Of_two_blocks_of_different_status_that_overlap_the_later_line_is_a_fault_and_neither_is_believed()
    {
        Mapfile map = Read(Head + "0x0 0x1000 +\n0x800 0x100 -\n0x2000 0x100 +\n");
        ListFault fault = Assert.Single(map.Faults);
        Assert.Equal(3, fault.Line);
        Assert.Contains("in line 2", fault.Problem, StringComparison.Ordinal);
        Assert.True(map.NotRescued(0x3000).Contains(new(0x800, 0x100)));
    }

    // Method: random blocks in a small universe; there must be a fault exactly when two that differ share a byte.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Every_conflict_is_found_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        int conflicts = 0;
        for (int round = 0; round < 2000; round++)
        {
            var text = new StringBuilder(Head);
            var statuses = new HashSet<char>[64];
            for (int i = 0; i < statuses.Length; i++) statuses[i] = [];
            for (int i = random.Next(5); i >= 0; i--)
            {
                int start = random.Next(48);
                int length = random.Next(1, 16);
                char status = "+-?"[random.Next(3)];
                text.Append($"{start} {length} {status}\n");
                for (int j = start; j < start + length; j++) statuses[j].Add(status);
            }

            bool wanted = Array.Exists(statuses, s => s.Count > 1);
            if (wanted) conflicts++;
            Assert.Equal(wanted, Read(text.ToString()).Faults.Count > 0);
        }

        Assert.InRange(conflicts, 200, 1800);
    }

    // Goal: whatever bytes a file has, reading it ends with a value, and the ranges lie within what offsets can be.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_mutated_mapfile_is_read_to_its_end(int seed)
    {
        var random = new Random(seed);
        byte[] sound = File.ReadAllBytes(Sample.PathOf("ddrescue-no-scrape.map"));
        int faulty = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = [.. sound];
            for (int i = random.Next(1, 8); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var stream = new MemoryStream(bytes);
            Mapfile map = Mapfile.Read(stream);
            if (map.Faults.TotalCount > 0) faulty++;
            Assert.All(map.Blocks, b => Assert.True(b.Range.Offset >= 0 && b.Range.End > b.Range.Offset));
            // What is rescued and what is not make up the device, whatever the file says.
            const long Size = 0x100000;
            ByteRangeSet not = map.NotRescued(Size);
            ByteRangeSet rescued = ByteRangeSet.From(not.Gaps(new ByteRange(0, Size)));
            Assert.True(rescued.Except(map.Where(MapfileStatuses.Finished)).IsEmpty);
            Assert.Equal(Size, not.TotalLength + rescued.TotalLength);
        }

        Assert.InRange(faulty, 1000, 3000);
    }

    [Fact]
    public void A_million_blocks_are_read()
    {
        const int Count = 1_000_000;
        var text = new StringBuilder(Head);
        for (int i = 0; i < Count; i++) text.Append($"0x{i * 512L:X8}  0x00000200  {"+-?*/"[i % 5]}\n");
        Mapfile map = Read(text.ToString());
        Assert.Empty(map.Faults);
        Assert.Equal(Count, map.Blocks.Count);
        Assert.Equal(Count / 5, map.Where(MapfileStatuses.BadSector).Count);
        Assert.Equal(512L * Count / 5 * 4, map.NotRescued(512L * Count).TotalLength);
    }

    private static Mapfile Read(string text) => Mapfile.Read(Sample.Of(text));

    private static Mapfile ReadSample(string name)
    {
        using FileStream stream = Sample.Open(name);
        Mapfile map = Mapfile.Read(stream);
        Assert.Empty(map.Faults);
        return map;
    }
}
