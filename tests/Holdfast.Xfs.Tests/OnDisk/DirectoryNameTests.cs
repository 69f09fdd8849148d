// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class DirectoryNameTests
{
    // As the kernel stored them in the index of a directory.
    [Theory]
    [InlineData(".", 0x2e)]
    [InlineData("..", 0x172e)]
    [InlineData("leafy-000", 0xf9679f07)]
    public void A_name_has_the_hash_that_the_kernel_gives_it(string name, uint hash) =>
        Assert.Equal(hash, DirectoryName.Hash(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("a", true)]
    [InlineData("\n\u00e4 ", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    public void A_name_is_not_empty_and_holds_no_slash_and_no_NUL(string name, bool isValid) =>
        Assert.Equal(isValid, DirectoryName.IsValid(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void A_name_has_255_bytes_at_most()
    {
        Assert.True(DirectoryName.IsValid(Enumerable.Repeat((byte)'n', 255).ToArray()));
        Assert.False(DirectoryName.IsValid(Enumerable.Repeat((byte)'n', 256).ToArray()));
    }

    [Fact]
    public void Letters_of_ASCII_and_Latin_1_are_folded_and_nothing_else()
    {
        for (int letter = 0; letter <= byte.MaxValue; letter++)
        {
            bool isCapital = (letter >= 'A' && letter <= 'Z') || (letter >= 0xC0 && letter <= 0xDE && letter != 0xD7);
            byte[] name = [(byte)letter];
            byte[] lower = [(byte)(letter + 32)];
            Assert.Equal(isCapital, DirectoryName.EqualsIgnoringCase(name, lower));
            uint wanted = DirectoryName.Hash(isCapital ? lower : name);
            Assert.Equal(wanted, DirectoryName.HashIgnoringCase(name));
        }

        Assert.False(DirectoryName.EqualsIgnoringCase("ab"u8, "abc"u8));
    }
}
