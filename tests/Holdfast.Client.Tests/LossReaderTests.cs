// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;

namespace Holdfast.Client.Tests;

/// <summary>What a notice means to a file: every kind of loss, and what is none.</summary>
public sealed class LossReaderTests
{
    private const long ToTheEnd = long.MaxValue;

    [Theory]
    [InlineData("""{"fork":"data","severity":"file_data","file_offset":4096,"length":512,"paths":["db/a"]}""",
        LossKind.Content, 4096, 512)]
    [InlineData("""
        {"fork":"data","severity":"metadata","file_type":"directory","file_offset":0,"length":4096,"paths":["db/a"]}
        """, LossKind.Names, 0, 4096)]
    [InlineData("""
        {"fork":"data","severity":"metadata","paths":["db/a"],"lost_mappings":[{"file_offset":8192,"length":4096}]}
        """, LossKind.Mapping, 8192, 4096)]
    [InlineData("""
        {"owner":"inodes","severity":"metadata","lost_inodes":[{"inode":133,"paths":["db/a"]}]}
        """, LossKind.WholeFile, 0, ToTheEnd)]
    public void Each_loss_has_its_kind(string impact, LossKind kind, long offset, long length)
    {
        NoticeJson notice = FakeDaemon.NoticeOf(1, complete: true, $"[{impact}]");
        LostBytes lost = Assert.Single(Read("db/a", notice));
        Assert.Equal(("db/a", kind, offset, length), (lost.Path, lost.Kind, lost.Offset, lost.Length));
        Assert.Same(notice, lost.Notice);
        // A folder hears of what is below it; a file whose name only begins alike does not.
        Assert.Single(Read("db", notice));
        Assert.Single(Read("", notice));
        Assert.Empty(Read("d", notice));
        Assert.Empty(Read("db/a/b", notice));
    }

    [Theory]
    [InlineData("""{"fork":"attr","severity":"metadata","file_offset":0,"length":4096,"paths":["db/a"]}""")]
    [InlineData("""{"fork":"data","severity":"harmless","file_offset":0,"length":4096,"paths":["db/a"]}""")]
    [InlineData("""{"fork":"data","severity":"file_data","file_offset":0,"length":4096,"paths":["db/b"]}""")]
    [InlineData("""{"owner":"free","severity":"harmless","length":4096}""")]
    public void What_costs_the_file_nothing_is_no_loss(string impact) =>
        Assert.Empty(Read("db/a", FakeDaemon.NoticeOf(1, complete: true, $"[{impact}]")));

    [Fact]
    public void A_mapping_of_unknown_length_reaches_to_the_end()
    {
        NoticeJson notice = FakeDaemon.NoticeOf(1, complete: true, """
            [{"fork":"data","severity":"metadata","paths":["a"],"lost_mappings":[{"file_offset":8192}]}]
            """);
        LostBytes lost = Assert.Single(Read("a", notice));
        Assert.Equal((8192, ToTheEnd), (lost.Offset, lost.Length));
        Assert.True(lost.Overlaps(long.MaxValue - 1, 1));
        Assert.False(lost.Overlaps(0, 8192));
    }

    [Fact]
    public void What_nobody_could_say_is_possible_and_comes_after_what_is_certain()
    {
        NoticeJson notice = FakeDaemon.NoticeOf(1, complete: false, """
            [{"fork":"data","severity":"file_data","file_offset":0,"length":512,"paths":["a"]}]
            """);
        Assert.Equal([LossKind.Content, LossKind.Possible], Read("a", notice).Select(lost => lost.Kind));
        LostBytes none = Assert.Single(Read("a", FakeDaemon.NoticeOf(1, complete: false, impacts: null)));
        Assert.Equal((LossKind.Possible, 0, ToTheEnd), (none.Kind, none.Offset, none.Length));
    }

    [Theory]
    [InlineData("lost", 1)]
    [InlineData("unknown", 1)]
    [InlineData("rewritten", 0)]
    [InlineData("restored", 0)]
    [InlineData("dismissed", 0)]
    public void What_is_settled_is_no_news(string content, int losses)
    {
        NoticeJson notice = FakeDaemon.NoticeOf(1, complete: true, """
            [{"fork":"data","severity":"file_data","file_offset":0,"length":512,"paths":["a"]}]
            """, content);
        Assert.Equal(losses, Read("a", notice).Count());
    }

    /// <summary>Two names of one inode, or two files that share a block: each is told of.</summary>
    [Fact]
    public void Every_wanted_name_is_told_and_bytes_decide_where_there_are_some()
    {
        NoticeJson notice = FakeDaemon.NoticeOf(1, complete: true, """
            [{"fork":"data","severity":"file_data","file_offset":0,"length":512,
              "paths":["d/a","e/a","d/\ufffd"],"paths_base64":["ZC9h","ZS9h","ZC//"]}]
            """);
        Assert.Equal(["d/a", "d/\ufffd"], Read("d", notice).Select(lost => lost.Path));
        var odd = new FilterJson { Path = "d/\ufffd", PathBase64 = Convert.ToBase64String([0x64, 0x2F, 0xFF]) };
        Assert.Equal("d/\ufffd", Assert.Single(new LossReader(odd).Read(notice)).Path);
        // The text of an odd name is not its name.
        Assert.Empty(Read("d/\ufffd", notice));
    }

    private static IEnumerable<LostBytes> Read(string path, NoticeJson notice) =>
        new LossReader(new FilterJson { Path = path }).Read(notice);
}
