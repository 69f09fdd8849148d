// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>Lists that are longer than one request or one page, and every option of `failures list`.</summary>
public sealed class DaemonListTests : IDisposable
{
    private const string Uuid = "5a4d1e0c-7a11-4f6e-9c0d-0123456789ab";

    private readonly RunningDaemon _daemon = new();

    public DaemonListTests() => _daemon.Start();

    public void Dispose() => _daemon.Dispose();

    /// <summary>C8: a complete list in parts is as complete as a whole one; nothing is lost between two.</summary>
    [Fact]
    public void A_complete_list_in_parts_is_one_list()
    {
        const int count = 25_001;
        string list = Path.Combine(_daemon.Folder, "list");
        int[] blocks = [.. Enumerable.Range(0, count).Select(i => 2 * i)];
        File.WriteAllLines(list, blocks.Select(block => $"{block}"));
        ProgramRun first = _daemon.Run("report", _daemon.Image, "--badblocks", list, "--complete", "--json");
        Assert.Equal(0, first.ExitStatus);
        Assert.Equal(
            [10_000, 10_000, 5_001],
            first.Lines().Select(
                line => JsonDocument.Parse(line).RootElement.GetProperty("failures").GetArrayLength()));
        Assert.Equal(count, Number("status", "open_failures"));

        // Between the first part and the second, between that and the last, and the very last: they are well again.
        int[] well = [10_000, 20_001, count - 1];
        File.WriteAllLines(list, blocks.Where((_, i) => !well.Contains(i)).Select(block => $"{block}"));
        Assert.Equal(0, _daemon.Run("report", _daemon.Image, "--badblocks", list, "--complete").ExitStatus);
        var seen = new List<(long Block, string? Medium)>();
        string[] after = [];
        do
        {
            JsonElement page = _daemon.Run(["failures", "list", "--limit", "1000", "--json", .. after]).Json();
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(
                at => (at.GetProperty("offset").GetInt64() / 1024, at.GetProperty("medium").GetString())));
            after = page.TryGetProperty("next", out JsonElement next) ? ["--after", next.GetString()!] : [];
        }
        while (after.Length > 0);
        Assert.Equal(blocks.Select(block => (long)block), seen.Select(at => at.Block).Order());
        Assert.Equal(
            well.Select(i => (long)blocks[i]),
            seen.Where(at => at.Medium == "readable").Select(at => at.Block).Order());
    }

    [Fact]
    public void Every_option_of_failures_list_picks_its_own()
    {
        string other = Path.Combine(_daemon.Folder, "other.img");
        File.Copy(_daemon.Image, other);
        Assert.Equal(0, _daemon.Run("holders", "put", "fs", "claimed", "--device", other).ExitStatus);
        string[] more = ["superblock_read", "--device", other, "--uuid", Uuid, "--epoch", "1"];
        Assert.Equal(0, _daemon.Run(["holders", "put", "fs", .. more]).ExitStatus);
        string open = Report(_daemon.Image, "0+4K");
        string closed = Report(_daemon.Image, "8K+4K");
        string held = Report(other, "0+4K");
        Assert.Equal(0, _daemon.Run("failures", "clear", closed, "--how", "dismissed").ExitStatus);

        Assert.Equal([open, held], Listed());
        Assert.Equal([open, held], Listed("--state", "open"));
        Assert.Equal([closed], Listed("--state", "closed"));
        Assert.Equal([open, closed, held], Listed("--state", "all"));
        Assert.Equal([held], Listed("--device", other));
        Assert.Equal([open, closed], Listed("--state", "all", "--device", _daemon.Image));
        Assert.Empty(Listed("--device", "/dev/none"));
        Assert.Equal([held], Listed("--fs", Uuid.ToUpperInvariant()));
        Assert.Empty(Listed("--fs", "00000000-0000-0000-0000-000000000000"));
        Assert.Equal([held], Listed("--after", open));
        Assert.Equal([open], Listed("--limit", "1"));
        Assert.Equal([open, held], Listed("--limit", "1000000"));
        // A path counts from where the user is, as with all verbs.
        ProgramRun here = _daemon.Shell("holdfast failures list --device other.img --json");
        Assert.Equal(held, here.Json().GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Contains($"more: --after {open}", _daemon.Run("failures", "list", "--limit", "1").Text);
        ProgramRun wrong = _daemon.Run("failures", "list", "--after", "nobody");
        Assert.Equal(
            (16, "holdfast: --after nobody: not a failure's id (holdfast failures list --help shows how)"),
            (wrong.ExitStatus, wrong.OnlyError()));
    }

    private string Report(string device, string range) =>
        Assert.Single(_daemon.Run("report", device, "--range", range).Lines());

    private string[] Listed(params string[] options)
    {
        ProgramRun run = _daemon.Run(["failures", "list", "--json", .. options]);
        Assert.Equal(0, run.ExitStatus);
        return [.. run.Json().GetProperty("items").EnumerateArray().Select(at => at.GetProperty("id").GetString()!)];
    }

    private long Number(string verb, string member) =>
        _daemon.Run(verb, "--json").Json().GetProperty(member).GetInt64();
}
