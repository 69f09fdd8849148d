// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Cli.Tests.Commands;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>`holdfast locate --into-images` as a user runs it, on the bundled disk of a host.</summary>
public sealed class IntoImagesCommandTests(NestedImage nested) : IClassFixture<NestedImage>
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "report.schema.json"));

    // A file on each partition, and the first one's superblock.
    private static readonly string[] Bad =
        ["--range", "12832768+4K", "--range", "25718784+512", "--range", "12734464+512"];

    [Fact]
    public void The_json_of_images_fits_the_schema()
    {
        ProgramRun run = Command.Run(["locate", nested.Path, .. Bad, "--into-images", "--json"]);
        Assert.Equal((1 + 2 + 4, ""), (run.ExitStatus, run.Errors));
        JsonElement report = run.Json();
        Assert.Empty(Schema.Check(report));
        // The host's own answer is whole, and hits no metadata.
        Assert.True(report.GetProperty("complete").GetBoolean());
        JsonElement[] images = [.. report.GetProperty("images").EnumerateArray()];
        Assert.Equal(["p1", "p2"], images.Select(at => at.GetProperty("volume").GetProperty("name").GetString()!));
        Assert.All(images, at => Assert.Equal("vm/shop.raw", at.GetProperty("paths")[0].GetString()));
        Assert.All(images, at => Assert.Equal(132, at.GetProperty("inode").GetInt32()));
        Assert.All(images, at => Assert.Empty(at.GetProperty("images").EnumerateArray()));
        Assert.Equal([false, true], images.Select(at => at.GetProperty("complete").GetBoolean()));
        Assert.Equal(1 << 20, images[0].GetProperty("volume").GetProperty("offset").GetInt32());
        Assert.Equal("etc/services", FileOf(images[0]));
        Assert.Equal("shop/customers.db", FileOf(images[1]));
    }

    [Fact]
    public void The_schema_refuses_an_image_that_is_wrong()
    {
        ProgramRun run = Command.Run(["locate", nested.Path, .. Bad, "--into-images", "--json"]);
        int images = run.Text.IndexOf("\"images\"", StringComparison.Ordinal);
        foreach ((string right, string wrong) in ((string, string)[])
            [("\"complete\":", "\"whole\":"), ("\"images\":[]", "\"image\":[]"), ("\"notes\":[", "\"note\":[")])
        {
            int at = run.Text.IndexOf(right, images, StringComparison.Ordinal);
            string text = run.Text[..at] + wrong + run.Text[(at + right.Length)..];
            Assert.NotEmpty(Schema.Check(JsonDocument.Parse(text).RootElement));
        }
    }

    [Fact]
    public void Nobody_looks_into_images_who_was_not_asked_to()
    {
        ProgramRun run = Command.Run(["locate", nested.Path, .. Bad, "--json"]);
        Assert.Equal(1, run.ExitStatus);
        Assert.False(run.Json().TryGetProperty("images", out _));
        Assert.Empty(Schema.Check(run.Json()));
        JsonElement note = Assert.Single(run.Json().GetProperty("notes").EnumerateArray());
        Assert.Contains("--into-images names the files in it", note.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Print_lists_the_target_s_own_files()
    {
        ProgramRun run = Command.Run(["locate", nested.Path, .. Bad, "--into-images", "--print"]);
        Assert.Equal(1 + 2 + 4, run.ExitStatus);
        Assert.Equal("vm/shop.raw", Assert.Single(run.Lines()));
        Assert.Equal("holdfast: the answer is incomplete: see --json\n", run.Errors);
    }

    [Fact]
    public void The_text_has_a_section_for_each_filesystem()
    {
        string text = Command.Run(["locate", nested.Path, .. Bad, "--into-images"]).Text;
        string[] sections = text.Split("\n\n\n");
        Assert.Equal(3, sections.Length);
        Assert.DoesNotContain("incomplete", sections[0], StringComparison.Ordinal);
        Assert.StartsWith("In the image vm/shop.raw, p1: XFS ", sections[1], StringComparison.Ordinal);
        Assert.Contains("superblock at byte 0", sections[1], StringComparison.Ordinal);
        Assert.Contains("A mount needs what is lost", sections[1], StringComparison.Ordinal);
        Assert.StartsWith("In the image vm/shop.raw, p2: XFS \"data\"", sections[2], StringComparison.Ordinal);
        Assert.Contains("shop/customers.db", sections[2], StringComparison.Ordinal);
    }

    /// <summary>A source that guesses stays one, however deep.</summary>
    [Fact]
    public void What_only_a_guess_names_is_doubtful_in_the_image_too()
    {
        string log = nested.Path + ".log";
        File.WriteAllText(log, $"I/O error, dev sdb, sector {12832768 / 512}\n");
        ProgramRun run = Command.Run(
            "locate", nested.Path, "--into-images", "--json", "--dmesg", log, "--range", "25718784+512");
        JsonElement[] images = [.. run.Json().GetProperty("images").EnumerateArray()];
        Assert.Equal("low", images[0].GetProperty("impacts")[0].GetProperty("confidence").GetString());
        Assert.False(images[1].GetProperty("impacts")[0].TryGetProperty("confidence", out _));
    }

    /// <summary>C12: what a mapfile does not call rescued is not believed in an image either.</summary>
    [Fact]
    public void What_was_not_rescued_is_not_believed_in_the_image()
    {
        string map = nested.Path + ".map";
        // All is rescued but the first partition's superblock, which is in the image all the same.
        const int superblock = 12734464;
        const int behind = superblock + 4096;
        File.WriteAllText(
            map,
            $"# Mapfile.\n0x0 ? 1\n0x0 0x{superblock:X} +\n0x{superblock:X} 0x1000 ?\n"
            + $"0x{behind:X} 0x{(160 << 20) - behind:X} +\n");
        ProgramRun run = Command.Run(
            "locate", nested.Path, "--into-images", "--json", "--mapfile", map, "--range", "12832768+512");
        JsonElement image = Assert.Single(run.Json().GetProperty("images").EnumerateArray());
        Assert.Contains(
            image.GetProperty("faults").EnumerateArray(),
            at => at.GetProperty("structure").GetString() == "superblock");
        Assert.Equal(1 + 4, run.ExitStatus);
    }

    private static string? FileOf(JsonElement image) => image.GetProperty("impacts").EnumerateArray()
        .First(at => at.GetProperty("owner").GetString() == "inode").GetProperty("paths")[0].GetString();
}
