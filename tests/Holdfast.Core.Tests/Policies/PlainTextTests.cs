// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Policies;

namespace Holdfast.Core.Tests.Policies;

/// <summary>What strangers wrote harms neither a terminal nor a log.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("as it is\tü\n", "as it is\tü\n")]
    [InlineData("\u001b]0;title\u0007", "\\x1b]0;title\\x07")]
    [InlineData("a\rb\0c\u009bd", "a\\x0db\\x00c\\x9bd")]
    [InlineData("a\u202eb\u200bc\u2028d\ufeff", "a\\u{202e}b\\u{200b}c\\u{2028}d\\u{feff}")]
    [InlineData("\U000e0041", "\\u{e0041}")]
    public void Control_and_format_characters_are_shown(string text, string plain) =>
        Assert.Equal(plain, PlainText.Of(Encoding.UTF8.GetBytes(text)));

    /// <summary>Any bytes: bounded, valid, without control characters.</summary>
    [Fact]
    public void Any_bytes_become_bounded_text()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(8192)];
            random.NextBytes(bytes);
            string plain = PlainText.Of(bytes);
            Assert.InRange(Encoding.UTF8.GetByteCount(plain), 0, PlainText.BytesMax);
            Assert.DoesNotContain(plain, letter => char.IsControl(letter) && letter is not ('\n' or '\t'));
            Assert.Equal(plain, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(plain)));
        }
    }

    [Fact]
    public void What_was_cut_says_so()
    {
        string most = new('a', PlainText.BytesMax - 3);
        Assert.Equal(most, PlainText.Of(Encoding.UTF8.GetBytes(most)));
        Assert.Equal(most + "…", PlainText.Of(Encoding.UTF8.GetBytes(most + "aaaa")));
    }
}
