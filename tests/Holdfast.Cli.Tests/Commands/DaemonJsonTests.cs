// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>
/// Goal: every --json output of the verbs that speak to a daemon is what docs/notifier.schema.json says.
/// Method: one daemon, with a filesystem that names files, a party that is told and rules that decide; each verb's
/// output is held against the verb's definition, and so is every definition's use.
/// </summary>
public sealed class DaemonJsonTests : IClassFixture<SampleImage>, IDisposable
{
    private const string Uuid = "5a4d1e0c-7a11-4f6e-9c0d-0123456789ab";
    private readonly SampleImage _sample;

    private readonly RunningDaemon _daemon = new(
        """
        , "parties": [{"name": "oncall"}, {"name": "nobody", "filter": {"severity": "metadata"}, "expire_days": 9}],
         "rules": [{"name": "never", "when": {"medium": "gone"}, "do": "ignore"},
                   {"name": "dead", "when": {"party": "oncall"}, "do": {"command": ["/bin/false"], "user": "root"}}]
        """);

    public DaemonJsonTests(SampleImage sample) => _sample = sample;

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public void Every_verbs_json_is_what_its_schema_says()
    {
        _daemon.Start();
        Assert.Equal(0, Check("holders_put", "holders", "put", "archive", "claimed", "--device", _sample.Image).Status);
        JsonElement reported = Check(
            "report", "report", _sample.Image, "--range", "234938368+4K", "--range", "244056064+12K").Lines[0];
        string id = reported.GetProperty("failures")[0].GetProperty("id").GetString()!;
        // Deferred, in all that shows it.
        Check("failures_show", "failures", "show", id);
        Check("holders_list", "holders", "list");
        Check("holders_put", "holders", "put", "archive", "live", "--epoch", "1", "--uuid", Uuid);
        JsonElement[] heard = Check("watch", "watch", "--after", "0", "--count", "2").Lines;
        Assert.All(heard, notice => Assert.True(notice.GetProperty("impacts").GetArrayLength() > 0));
        Check("failures_act", "failures", "confirm", id, "--note", "read it");
        Check("failures_act", "failures", "ack", id, "--owner", "anna");
        JsonElement explained = Check("policy_explain", "policy", "explain", id).Lines[0];
        Assert.Equal(2, explained.GetProperty("parties").GetArrayLength());
        JsonElement list = Check("failures_list", "failures", "list", "--limit", "1").Lines[0];
        Assert.True(list.TryGetProperty("next", out _));
        WaitForDeadDelivery(id);
        Check("failures_show", "failures", "show", id);
        Check("parties", "parties");
        Assert.Equal(1 + 2, Check("status", "status").Status);
        Assert.True(Check("replay", "replay").Lines[0].GetProperty("requeued").GetInt64() > 0);
        Check("failures_act", "failures", "clear", id, "--how", "restored");
        Check("failures_list", "failures", "list", "--state", "closed");
    }

    [Fact]
    public void So_is_what_the_daemon_answers_with_no_more_than_done()
    {
        _daemon.Start();
        File.Copy(_daemon.Image, _daemon.Image + ".2");
        foreach ((string name, string image) in (ReadOnlySpan<(string, string)>)
            [("one", _daemon.Image), ("two", _daemon.Image + ".2")])
        {
            Check("holders_put", "holders", "put", name, "live", "--device", image, "--uuid", Uuid);
        }

        JsonElement candidate = Check("holders_list", "holders", "list").Lines[0].GetProperty("items")[1];
        Assert.Equal(1, candidate.GetProperty("candidate_of").GetInt64());
        Assert.Equal("copied", Check("holders_judge", "holders", "copied", "2").Lines[0].GetProperty("is").GetString());
        Check("holders_release", "holders", "release", "two");
        Assert.True(Check("disarm", "disarm", "--note", "now").Lines[0].GetProperty("disarmed").GetBoolean());
        Check("status", "status");
        Assert.False(Check("disarm", "disarm", "--arm").Lines[0].GetProperty("disarmed").GetBoolean());
        Check("parties_remove", "parties", "--remove", "old");
    }

    [Fact]
    public void So_is_what_is_answered_without_a_daemon()
    {
        (JsonElement[] spooled, int status) = Check("report_spooled", "report", _daemon.Image, "--range", "0+4K");
        Assert.Equal((4, 1), (status, spooled[0].GetProperty("keys").GetArrayLength()));
        _daemon.Start();
        Check("report", "report", _daemon.Image, "--range", "8K+4K");
        Check("ledger_check", "ledger", "check", "--ledger", _daemon.Ledger);
        string copy = _daemon.Ledger + ".copy";
        JsonElement backup = Check("ledger_backup", "ledger", "backup", copy, "--ledger", _daemon.Ledger).Lines[0];
        Assert.Equal(new FileInfo(copy).Length, backup.GetProperty("bytes").GetInt64());
        ProgramRun export = _daemon.Run("ledger", "export", "--ledger", _daemon.Ledger);
        Assert.NotEmpty(Lines("ledger_export", export));
        JsonElement right = Check("policy_check", "policy", "check", _daemon.Configuration).Lines[0];
        Assert.Equal(2, right.GetProperty("rules").GetInt32());
        string wrong = Path.Combine(_daemon.Folder, "wrong.json");
        File.WriteAllText(wrong, "{\n  \"ledger\": {\"pat\": \"/x\"}\n}");
        (JsonElement[] faults, status) = Check("policy_check", "policy", "check", wrong);
        Assert.Equal(8, status);
        Assert.Equal(2, faults[0].GetProperty("faults")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public void A_damaged_ledger_is_told_of_as_json_too()
    {
        _daemon.Start();
        string copy = _daemon.Ledger + ".copy";
        Assert.Equal(0, _daemon.Run("ledger", "backup", copy, "--ledger", _daemon.Ledger).ExitStatus);
        using (FileStream file = File.OpenWrite(copy))
        {
            const int page = 4096;
            file.Position = 3 * page;
            file.Write(new byte[page]);
        }

        (JsonElement[] lines, int status) = Check("ledger_check", "ledger", "check", "--ledger", copy);
        Assert.Equal(8, status);
        Assert.NotEqual(0, lines[0].GetProperty("faults").GetArrayLength());
    }

    private (JsonElement[] Lines, int Status) Check(string definition, params string[] verb)
    {
        ProgramRun run = _daemon.Run([.. verb, "--json"]);
        return (Lines(definition, run), run.ExitStatus);
    }

    private static JsonElement[] Lines(string definition, ProgramRun run)
    {
        JsonSchema schema = JsonSchema.Of("notifier", definition);
        JsonElement[] lines = [.. run.Lines().Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(lines.Length > 0, $"{run.Command}: {run.Errors}");
        foreach (JsonElement line in lines) Assert.Empty(schema.Check(line));
        return lines;
    }

    private void WaitForDeadDelivery(string id)
    {
        while (!_daemon.Run("failures", "show", id, "--json").Text.Contains("\"dead\"", StringComparison.Ordinal))
        {
            Assert.True(_daemon.IsRunning);
        }
    }
}
