// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Delivery;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>Filters by path go by raw bytes and whole names.</summary>
public sealed class FilterMatchTests
{
    [Theory]
    [InlineData("db/data.0", "db", true)]
    [InlineData("db/data.0", "/db/", true)]
    [InlineData("db", "db", true)]
    [InlineData("dbx/data.0", "db", false)]
    [InlineData("a/db", "db", false)]
    [InlineData("anything", "", true)]
    public void A_folder_holds_what_lies_in_it(string path, string folder, bool isWithin) => Assert.Equal(
        isWithin, FilterMatch.IsWithin(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(folder)));

    [Fact]
    public void Names_that_are_no_text_are_compared_byte_by_byte()
    {
        Assert.True(FilterMatch.IsWithin([0xFF, (byte)'/', 0x0A], [0xFF]));
        Assert.False(FilterMatch.IsWithin([0xFE, (byte)'/', 0x0A], [0xFF]));
    }
}
