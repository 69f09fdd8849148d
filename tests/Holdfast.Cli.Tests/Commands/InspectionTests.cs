// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>info, inode, block and domain on the sample: text as it always was, JSON by its schema.</summary>
public sealed class InspectionTests(SampleImage sample) : IClassFixture<SampleImage>
{
    [Theory]
    [InlineData("info rescued.img", "info", 0)]
    [InlineData("inode rescued.img 139", "description", 4)]
    [InlineData("inode rescued.img 128", "description", 0)]
    [InlineData("block rescued.img 0", "description", 0)]
    [InlineData("block rescued.img 4096", "description", 0)]
    [InlineData("block rescued.img 64K", "description", 0)]
    [InlineData("domain rescued.img --metadata --mapfile rescue.map", "domain", 4)]
    public void Json_fits_its_schema(string arguments, string schema, int status)
    {
        ProgramRun run = Command.Shell(sample.Folder, $"holdfast {arguments} --json");
        Assert.Equal(status, run.ExitStatus);
        Assert.Empty(JsonSchema.Load(Checkout.PathOf("docs", $"{schema}.schema.json")).Check(run.Json()));
    }

    [Theory]
    [InlineData("info rescued.img", "sample.info.txt")]
    [InlineData("inode rescued.img 128", "sample.inode.txt")]
    [InlineData("block rescued.img 4096", "sample.block.txt")]
    public void Text_is_as_it_always_was(string arguments, string golden) =>
        Golden.Compare(golden, Command.Shell(sample.Folder, $"holdfast {arguments}").Text);

    [Fact]
    public void A_damaged_header_is_named_with_its_group()
    {
        ProgramRun run = Command.Shell(
            sample.Folder,
            "cp --sparse=always rescued.img hurt; printf x | dd of=hurt bs=1 seek=83887200 conv=notrunc status=none; "
            + "holdfast info hurt --json");
        Assert.Equal(4, run.ExitStatus);
        JsonElement group = run.Json().GetProperty("groups")[1];
        Assert.False(group.GetProperty("sound").GetBoolean());
        Assert.StartsWith("agi_crc is 0x", group.GetProperty("agi").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", group.GetProperty("agf").GetString());
        Assert.All(
            run.Json().GetProperty("groups").EnumerateArray().Where(g => g.GetProperty("group").GetInt32() != 1),
            g => Assert.True(g.GetProperty("sound").GetBoolean()));
    }

    [RootFact(Needs.None, "ddrescue")]
    public void A_domain_is_a_mapfile_that_ddrescue_reads()
    {
        ProgramRun run = Command.Shell(
            sample.Folder,
            "holdfast domain rescued.img --mapfile rescue.map --damaged -o damaged.map; ls damaged.map*; "
            + "tail -n 3 damaged.map; ddrescue -q -m damaged.map rescued.img again.img again.map; "
            + "grep -c '+$' again.map");
        Assert.Equal(
            """
            damaged.map
            0x0E21C000  0x006A4000  ?
            0x0E8C0000  0x00003000  +
            0x0E8C3000  0x0573D000  ?
            7

            """,
            run.Text);
    }

    [Fact]
    public void A_domain_that_cannot_be_written_leaves_nothing_behind()
    {
        ProgramRun run = Command.Shell(
            sample.Folder, "holdfast domain rescued.img --metadata -o missing/domain.map; echo $?; ls -d missing*");
        Assert.Equal("8\n", run.Text);
        Assert.Contains("missing/domain.map: ", run.Errors, StringComparison.Ordinal);
    }
}
