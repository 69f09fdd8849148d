// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>Exit status of `holdfast status`, and of `report` by what becomes of its parts.</summary>
public sealed class DaemonStatusTests : IDisposable
{
    private const string Accepted = """{"seq":1,"duplicate":false,"failures":[]}""";
    private const string Unavailable = """{"status":503,"code":"ledger_unavailable","detail":"its disk is full"}""";
    private const string Forbidden = """{"status":403,"code":"forbidden","detail":"no"}""";

    private readonly RunningDaemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    public static TheoryData<int> Sums => [.. Enumerable.Range(0, 8)];

    /// <summary>1 open loss, 2 dead or unknown deliveries, 4 degraded: every sum of them.</summary>
    [Theory]
    [MemberData(nameof(Sums))]
    public void The_exit_status_is_the_sum_of_what_holds(int sum)
    {
        bool isLost = (sum & 1) != 0;
        bool isDead = (sum & 2) != 0;
        bool isDegraded = (sum & 4) != 0;
        // Either of the two deliveries alone is enough.
        foreach ((int dead, int unknown) in isDead ? (ReadOnlySpan<(int, int)>)[(1, 0), (0, 1)] : [(0, 0)])
        {
            using var daemon = new AnsweringSocket(_daemon.Socket, AnsweringSocket.Answer(200, $$"""
                {"host":"h","version":"1","started":"2026-01-01T00:00:00Z","open_failures":{{(isLost ? 3 : 0)}},
                 "open_bytes":0,"waiting":9,"dead_deliveries":{{dead}},"unknown_deliveries":{{unknown}},
                 "pending_deliveries":9,"holders":9,"parties":9,"disarmed":true,"acting_enabled":true,
                 "ledger":{"path":"/l","bytes":9,"last_seq":9},"spool":{"waiting":0,"bytes":0,"dropped":0},
                 "degraded":[{{(isDegraded ? "\"slow\"" : "")}}]}
                """));
            Assert.Equal(sum, _daemon.Run("status").ExitStatus);
            ProgramRun json = _daemon.Run("status", "--json");
            Assert.Equal(sum, json.ExitStatus);
            Assert.Empty(JsonSchema.Of("notifier", "status").Check(json.Json()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 -\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull")]
    [InlineData("HTTP/1.1 200 -\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")]
    [InlineData("HTTP/1.1 500 -\r\nContent-Length: 3\r\nConnection: close\r\n\r\nodd")]
    public void What_answers_nonsense_cannot_be_reached(string answer)
    {
        using var daemon = new AnsweringSocket(_daemon.Socket, answer);
        string[][] asked = [["status"], ["failures", "list"], ["failures", "list", "--json"]];
        foreach (string[] verb in asked)
        {
            ProgramRun run = _daemon.Run(verb);
            Assert.Equal(8, run.ExitStatus);
            run.OnlyError();
            Assert.Equal("", run.Text);
        }
    }

    /// <summary>No page is not an empty page: that would say that nothing is lost.</summary>
    [Theory]
    [InlineData("""{"items":null}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[7]}""")]
    [InlineData("""{"items":[{"id":null}]}""")]
    [InlineData("""{"items":[{"id":"i"}]}""")]
    [InlineData("""{"items":[{"id":"i","device":{"name":"d"},"offset":99999999999999999999,"length":1}]}""")]
    public void What_is_no_page_of_failures_is_said(string page)
    {
        using var daemon = new AnsweringSocket(_daemon.Socket, AnsweringSocket.Answer(200, page));
        ProgramRun run = _daemon.Run("failures", "list");
        Assert.Equal((8, ""), (run.ExitStatus, run.Text));
        Assert.Contains("the daemon's answer makes no sense", run.OnlyError(), StringComparison.Ordinal);
    }

    /// <summary>C1: what the daemon has is told, and what it has not waits, each part under its own key.</summary>
    [Fact]
    public void A_report_whose_daemon_goes_away_in_the_middle_waits_from_there_on()
    {
        string list = Many(25_001);
        using (new AnsweringSocket(_daemon.Socket, AnsweringSocket.Answer(202, Accepted), ""))
        {
            ProgramRun run = _daemon.Run("report", _daemon.Image, "--badblocks", list, "--key", "k", "--json");
            Assert.Equal(4, run.ExitStatus);
            JsonElement[] lines = [.. run.Lines().Select(line => JsonDocument.Parse(line).RootElement)];
            Assert.Empty(JsonSchema.Of("notifier", "report").Check(lines[0]));
            Assert.Empty(JsonSchema.Of("notifier", "report_spooled").Check(lines[1]));
            Assert.Equal(["k/1", "k/2"], lines[1].GetProperty("keys").EnumerateArray().Select(at => at.GetString()!));
            Assert.Equal(2, Directory.GetFiles(_daemon.Spool).Length);
        }
    }

    [Fact]
    public void A_ledger_that_cannot_be_written_is_a_reason_to_wait_and_a_refusal_is_none()
    {
        using (new AnsweringSocket(_daemon.Socket, AnsweringSocket.Answer(503, Unavailable)))
        {
            ProgramRun run = _daemon.Run("report", _daemon.Image, "--range", "0+4K");
            Assert.Equal(4, run.ExitStatus);
            Assert.Contains("its disk is full: not in the ledger yet", run.OnlyError(), StringComparison.Ordinal);
        }

        using (new AnsweringSocket(_daemon.Socket, AnsweringSocket.Answer(403, Forbidden)))
        {
            ProgramRun run = _daemon.Run("report", _daemon.Image, "--range", "8K+4K");
            Assert.Equal(8, run.ExitStatus);
            Assert.Equal("holdfast: no (forbidden)", run.OnlyError());
        }

        Assert.Single(Directory.GetFiles(_daemon.Spool));
    }

    [Fact]
    public void A_spool_that_is_full_is_said()
    {
        Directory.CreateDirectory(_daemon.Spool);
        using (FileStream full = File.Create(Path.Combine(_daemon.Spool, "x.report"))) full.SetLength(64 << 20);
        ProgramRun run = _daemon.Run("report", _daemon.Image, "--range", "0+4K");
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains("the spool is full", run.OnlyError(), StringComparison.Ordinal);
    }

    /// <summary>A list of every other block of 1 KiB.</summary>
    private string Many(int count)
    {
        string list = Path.Combine(_daemon.Folder, "many");
        File.WriteAllLines(list, Enumerable.Range(0, count).Select(i => $"{2 * i}"));
        return list;
    }
}
