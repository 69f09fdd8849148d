// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Tests.Output;

public sealed class SmallTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes_are_short(long bytes, string wanted) => Assert.Equal(wanted, ByteText.Of(bytes));

    [Theory]
    [InlineData(1, "100 %")]
    [InlineData(0.9999, ">99.9 %")]
    [InlineData(0.125, "12.5 %")]
    [InlineData(0.000001, "<0.1 %")]
    [InlineData(0, "0.0 %")]
    public void Shares_are_never_rounded_to_all_or_nothing(double share, string wanted) =>
        Assert.Equal(wanted, ByteText.Percent(share));

    [Theory]
    [InlineData("plain name", "plain name")]
    [InlineData("naïve 日本 🙂", "naïve 日本 🙂")]
    [InlineData("a\nb\tc\rd", @"a\nb\tc\rd")]
    [InlineData("\u001b[2J\u007f", @"\x1b[2J\x7f")]
    [InlineData("\u009b31m", @"\u009b31m")]
    [InlineData("gpj.\u202eexe", @"gpj.\u202eexe")]
    public void Names_keep_letters_and_lose_commands(string name, string wanted) =>
        Assert.Equal(wanted, VisibleText.Of(name));

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_numbers() =>
        Assert.Equal(@"a\xff\xc3b", VisibleText.Of([.. "a"u8, 0xff, 0xc3, .. "b"u8]));
}
