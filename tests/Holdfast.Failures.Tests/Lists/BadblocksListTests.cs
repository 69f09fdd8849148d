// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class BadblocksListTests
{
    // The same device, whose last 64 KiB of 1 MiB could not be read, as badblocks 1.47 lists it in two units.
    [Theory]
    [InlineData("badblocks-4096.txt", 4096)]
    [InlineData("badblocks-1024.txt", BadblocksList.DefaultBlockSize)]
    public void A_list_of_badblocks_names_blocks_of_its_unit(string sample, long blockSize)
    {
        using FileStream stream = Sample.Open(sample);
        RangeList list = BadblocksList.Read(stream, blockSize);
        Assert.Empty(list.Faults);
        ReportedRange only = Assert.Single(list.Ranges);
        Assert.Equal(new(new ByteRange(960 << 10, 64 << 10), Confidence.Exact), only);
    }

    [Fact]
    public void Blocks_stay_apart_that_do_not_touch_and_keep_their_order()
    {
        RangeList list = BadblocksList.Read(Sample.Of("# by hand\n\n9\r\n 3 \n4\n4\n\t3\n7"), 512);
        Assert.Empty(list.Faults);
        Assert.Equal([new(4608, 512), new(1536, 1024), new(3584, 512)], list.Ranges.Select(r => r.Range));
    }

    [Fact]
    public void Every_wrong_line_is_a_fault_with_its_number_and_the_others_are_read()
    {
        RangeList list = BadblocksList.Read(
            Sample.Of("1\nx\n-2\n3 4\n9223372036854775808\n9223372036854775807\n0x10\n1.5\n8\n\0\xff\n"), 1024);
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 10], list.Faults.Select(f => f.Line));
        Assert.Equal(8, list.Faults.TotalCount);
        Assert.Equal([1024, 8192], list.Ranges.Select(r => r.Range.Offset));
        Assert.Equal("line 3: a negative number: \"-2\"", list.Faults[1].ToString());
        Assert.Equal("\\x00\\xff", list.Faults[7].Found);
    }

    [Fact]
    public void A_million_blocks_are_read_in_the_memory_of_their_ranges()
    {
        const int Count = 1_000_000;
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++) text.Append(2 * i).Append('\n');
        using Stream stream = Sample.Of(text.ToString());
        long before = GC.GetAllocatedBytesForCurrentThread();
        RangeList list = BadblocksList.Read(stream, 4096);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Count, list.Ranges.Count);
        Assert.Equal(new ByteRange(8192L * (Count - 1), 4096), list.Ranges[^1].Range);
        // Twice what the list grows to, and the reader's buffer.
        Assert.InRange(allocated, 1, 2 * 24 * (1 << 21));
    }

    [Fact]
    public void Neighbours_in_order_cost_one_range_and_garbage_costs_a_hundred_faults()
    {
        string blocks = string.Join('\n', Enumerable.Range(5, 100_000));
        RangeList neighbours = BadblocksList.Read(Sample.Of(blocks), 512);
        Assert.Equal(new ByteRange(5 * 512, 100_000 * 512), Assert.Single(neighbours.Ranges).Range);

        RangeList garbage = BadblocksList.Read(Sample.Of(string.Join('\n', Enumerable.Repeat("what?", 50_000))), 512);
        Assert.Equal(50_000, garbage.Faults.TotalCount);
        Assert.Equal(ListFaults.KeptMax, garbage.Faults.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_block_size_that_is_none_is_misuse(long blockSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BadblocksList.Read(Sample.Of("1\n"), blockSize));

    [Fact]
    public void A_file_of_sysfs_names_runs_of_512_byte_sectors()
    {
        using FileStream stream = Sample.Open("sysfs-badblocks.txt");
        RangeList list = SysfsBadblocksList.Read(stream);
        Assert.Empty(list.Faults);
        // The kernel's table holds runs of at most 512 sectors: the third and fourth are one.
        Assert.Equal(
            [new(2048 * 512, 8 * 512), new(4096 * 512, 16 * 512), new(18432 * 512, 536 * 512)],
            list.Ranges.Select(r => r.Range));
        Assert.All(list.Ranges, r => Assert.Equal(Confidence.Exact, r.Confidence));
    }

    [Fact]
    public void A_device_without_a_table_has_an_empty_line()
    {
        RangeList list = SysfsBadblocksList.Read(Sample.Of("\n"));
        Assert.Empty(list.Ranges);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void Wrong_lines_of_sysfs_are_faults()
    {
        RangeList list = SysfsBadblocksList.Read(
            Sample.Of("8\n8 0\n8 -1\n8 8 8\nx 8\n18014398509481983 1\n1 18014398509481984\n16 8\n"));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], list.Faults.Select(f => f.Line));
        Assert.Equal(new ByteRange(8192, 4096), Assert.Single(list.Ranges).Range);
    }

    [Fact]
    public void A_list_that_the_kernel_cut_off_at_its_page_is_a_fault()
    {
        string page = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{100 + (i * 8)} 4\n"))[..4095];
        RangeList list = SysfsBadblocksList.Read(Sample.Of(page));
        Assert.Equal("the kernel cut the list off here: one page holds no more", Assert.Single(list.Faults).Problem);
        Assert.Empty(SysfsBadblocksList.Read(Sample.Of("8 4")).Faults);
    }
}
