// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class RangeTextTests
{
    [Theory]
    [InlineData("0+1", 0, 1)]
    [InlineData("4096+512", 4096, 512)]
    [InlineData("0x1000+0X200", 4096, 512)]
    [InlineData("1K+1k", 1024, 1024)]
    [InlineData("2M+3G", 2L << 20, 3L << 30)]
    [InlineData("1T+1P", 1L << 40, 1L << 50)]
    [InlineData("1E+4KiB", 1L << 60, 4096)]
    [InlineData("1Ki+2Mi", 1024, 2 << 20)]
    [InlineData("0x10K+1MiB", 16384, 1 << 20)]
    [InlineData("010+1", 10, 1)]
    [InlineData("0+9223372036854775807", 0, long.MaxValue)]
    [InlineData("9223372036854775806+1", long.MaxValue - 1, 1)]
    public void A_range_is_read_in_powers_of_1024(string text, long offset, long length)
    {
        Assert.True(RangeText.TryParse(text, out ByteRange range, out string problem), problem);
        Assert.Equal(new ByteRange(offset, length), range);
        Assert.Empty(problem);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("4096", "OFFSET+LENGTH")]
    [InlineData("4096+", "the length is not a number")]
    [InlineData("+512", "the offset is not a number")]
    [InlineData("-1+512", "the offset is a negative number")]
    [InlineData("1+-512", "the length is a negative number")]
    [InlineData("1+0", "no bytes")]
    [InlineData("1+2+3", "OFFSET+LENGTH")]
    [InlineData("1-2", "suffix")]
    [InlineData("0x+1", "not a number")]
    [InlineData("0xZ+1", "not a number")]
    [InlineData("1 +1", "a space")]
    [InlineData("1+1\n", "a space")]
    [InlineData("1+1X", "suffix")]
    [InlineData("1+1KB", "ambiguous")]
    [InlineData("1+1kB", "ambiguous")]
    [InlineData("1+1KiBx", "OFFSET+LENGTH")]
    [InlineData("1.5K+1", "suffix")]
    [InlineData("9223372036854775808+1", "past 2^63 - 1")]
    [InlineData("8E+1", "past 2^63 - 1")]
    [InlineData("9223372036854775807+1", "past 2^63 - 1")]
    [InlineData("99999999999999999999999999999999999999999999999+1", "past 2^63 - 1")]
    [InlineData("１+1", "no number has")]
    public void A_wrong_range_says_what_is_wrong(string text, string wanted)
    {
        Assert.False(RangeText.TryParse(text, out ByteRange range, out string problem));
        Assert.Contains(wanted, problem, StringComparison.Ordinal);
        Assert.True(range.IsEmpty);
    }

    [Fact]
    public void A_text_of_any_length_is_refused_without_being_kept()
    {
        Assert.False(RangeText.TryParse(new string('1', 1 << 20), out _, out string problem));
        Assert.Contains("too long", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("4K", 4096)]
    [InlineData("0x200", 512)]
    public void A_size_is_one_half_of_a_range(string text, long wanted)
    {
        Assert.True(RangeText.TryParseSize(text, out long size, out _));
        Assert.Equal(wanted, size);
        Assert.False(RangeText.TryParseSize(text + "+1", out size, out string problem));
        Assert.NotEmpty(problem);
        Assert.Equal(0, size);
    }

    [Theory]
    [InlineData("0", 512, 0, 512)]
    [InlineData("2048", 512, 1048576, 512)]
    [InlineData("2048+8", 512, 1048576, 4096)]
    [InlineData("0x10+0x2", 4096, 65536, 8192)]
    [InlineData("18014398509481982", 512, (long.MaxValue / 512 * 512) - 512, 512)]
    public void Sectors_are_units_of_the_size_given(string text, long sectorSize, long offset, long length)
    {
        Assert.True(SectorText.TryParse(text, sectorSize, out ByteRange range, out string problem), problem);
        Assert.Equal(new ByteRange(offset, length), range);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1+")]
    [InlineData("1+0")]
    [InlineData("1+1+1")]
    [InlineData("1K")]
    [InlineData("18014398509481983")]
    [InlineData("1+9223372036854775807")]
    [InlineData("9223372036854775808")]
    public void Wrong_sectors_say_what_is_wrong(string text)
    {
        Assert.False(SectorText.TryParse(text, 512, out ByteRange range, out string problem));
        Assert.NotEmpty(problem);
        Assert.True(range.IsEmpty);
    }
}
