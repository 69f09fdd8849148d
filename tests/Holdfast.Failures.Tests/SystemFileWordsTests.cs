// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Xunit;

namespace Holdfast.Failures.Tests;

public sealed class SystemFileWordsTests
{
    [Theory]
    [InlineData(0, 4096, "user quota, ids 0 to 29")]
    [InlineData(4095, 2, "user quota, ids 0 to 59")]
    [InlineData(2 * 4096, 4096, "user quota, ids 60 to 89")]
    [InlineData(143165576L * 4096, 4096, "user quota, ids 4294967280 to 4294967295")]
    [InlineData(143165577L * 4096, 4096, "user quota")]
    public void Of_a_quota_file_the_ids_are_named(long offset, long length, string structure)
    {
        Impact impact = Explain("user quota", offset, length);
        Assert.Equal(structure, impact.Structure);
        Assert.Equal(Costs.Quota, impact.Cost);
        Assert.Equal(Severity.Metadata, impact.Severity);
    }

    [Fact]
    public void Another_file_is_what_it_is() => Assert.Equal(
        ("realtime bitmap", Costs.MetadataFile),
        (Explain("realtime bitmap", 0, 1).Structure, Explain("realtime bitmap", 0, 1).Cost));

    private static Impact Explain(string word, long offset, long length) => SystemFileWords.Explain(
        Impact.On(OwnerKind.Inode, new(0, length), Severity.FileData, "") with { FileOffset = offset }, word, 4096);
}
