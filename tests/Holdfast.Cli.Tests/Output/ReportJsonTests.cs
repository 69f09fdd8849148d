// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Cli.Output;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Output;

public sealed class ReportJsonTests
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "report.schema.json"));

    [Fact]
    public void The_report_fits_its_schema()
    {
        Assert.Empty(Schema.Check(Parse(Samples.Everything)));
        Assert.Empty(Schema.Check(Parse(Samples.Nothing)));
    }

    [Theory]
    [InlineData("\"owner\":\"inode\"", "\"owner\":\"file\"")]
    [InlineData("\"shared\":", "\"divided\":")]
    [InlineData("\"complete\":false", "\"complete\":0")]
    [InlineData("\"length\":", "\"length\":-")]
    public void The_schema_refuses_a_report_that_is_wrong(string right, string wrong)
    {
        string text = Text(Samples.Everything).Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEmpty(Schema.Check(JsonDocument.Parse(text).RootElement));
    }

    [Fact]
    public void The_report_is_as_it_always_was() =>
        Golden.Compare("everything.json", Text(Samples.Everything, isForPeople: true));

    [Fact]
    public void A_hit_on_a_file_has_the_documented_fields()
    {
        JsonElement impact = Parse(Samples.Everything).GetProperty("impacts")[0];
        Assert.Equal("inode", impact.GetProperty("owner").GetString());
        Assert.Equal(131, impact.GetProperty("inode").GetInt64());
        Assert.Equal("data", impact.GetProperty("fork").GetString());
        Assert.Equal(131 * 65536, impact.GetProperty("physical").GetInt64());
        Assert.Equal(8192, impact.GetProperty("length").GetInt64());
        Assert.Equal(0, impact.GetProperty("file_offset").GetInt64());
        Assert.Equal(
            ["projects/2024/annual report.pdf", "home/alice/annual.pdf"],
            impact.GetProperty("paths").EnumerateArray().Select(p => p.GetString()!));
        Assert.False(impact.GetProperty("shared").GetBoolean());
        Assert.False(impact.GetProperty("unwritten").GetBoolean());
    }

    [Fact]
    public void A_path_that_is_no_utf8_is_there_as_bytes_too()
    {
        JsonElement impact = Parse(Samples.Everything).GetProperty("impacts").EnumerateArray()
            .Single(i => i.TryGetProperty("paths_base64", out _));
        Assert.Equal("caf\ufffd/\x1b[31mred\n", impact.GetProperty("paths")[0].GetString());
        Assert.Equal([0x63, 0x61, 0x66, 0xe9, 0x2f], impact.GetProperty("paths_base64")[0].GetBytesFromBase64()[..5]);
    }

    [Fact]
    public void A_report_for_a_program_is_one_line() =>
        Assert.Equal(1, Text(Samples.Everything).Count(c => c == '\n'));

    [Fact]
    public void A_hundred_thousand_impacts_are_streamed()
    {
        LocateReport report = Samples.Many(100_000);
        Assert.Equal(100_000, report.Totals.Files.Count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReportJson.Write(Stream.Null, report, isForPeople: false);
        // 40 MB of text pass through a buffer; nothing is kept of it.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static JsonElement Parse(LocateReport report) => JsonDocument.Parse(Text(report)).RootElement;

    private static string Text(LocateReport report, bool isForPeople = false)
    {
        using var stream = new MemoryStream();
        ReportJson.Write(stream, report, isForPeople);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
