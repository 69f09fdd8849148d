// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

// What every line-wise list has in common, seen through the simplest of them.
public sealed class LineTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_list_reads_the_same_in_pieces_of_any_size(int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (int i = 0; i < 3000; i++)
        {
            text.Append(random.Next(100) == 0 ? "?" : random.NextInt64(1L << 40).ToString(null, null));
            text.Append(random.Next(2) == 0 ? "\n" : "\r\n");
        }

        RangeList whole = BadblocksList.Read(Sample.Of(text.ToString()), 512);
        RangeList pieces = BadblocksList.Read(Sample.InPieces(text.ToString(), seed), 512);
        Assert.NotEmpty(whole.Faults);
        Assert.Equal(whole.Ranges, pieces.Ranges);
        Assert.Equal(whole.Faults, pieces.Faults);
    }

    [Theory]
    [InlineData(65534)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(1 << 20)]
    public void A_line_of_any_length_costs_one_buffer_and_the_next_is_read(int length)
    {
        string text = "7\n" + new string('x', length) + "\n8\n" + new string('#', length) + "\n?";
        RangeList list = BadblocksList.Read(Sample.Of(text), 512);
        Assert.Equal([2, 5], list.Faults.Select(f => f.Line));
        Assert.Equal(new ByteRange(3584, 1024), Assert.Single(list.Ranges).Range);
    }

    [Fact]
    public void A_number_that_the_buffer_cuts_is_not_taken_for_a_shorter_one()
    {
        string spaces = new(' ', 65536 - 2);
        RangeList list = BadblocksList.Read(Sample.Of(spaces + "12345\n6\n"), 512);
        Assert.Equal(1, Assert.Single(list.Faults).Line);
        Assert.Equal(6 * 512, Assert.Single(list.Ranges).Range.Offset);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over_and_UTF_16_is_a_fault()
    {
        Assert.Empty(BadblocksList.Read(new MemoryStream([0xef, 0xbb, 0xbf, (byte)'5', (byte)'\n']), 512).Faults);
        Assert.NotEmpty(BadblocksList.Read(new MemoryStream(Encoding.Unicode.GetBytes("5\n")), 512).Faults);
    }
}
