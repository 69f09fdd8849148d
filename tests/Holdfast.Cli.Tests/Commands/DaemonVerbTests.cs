// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The verbs that speak to a daemon, with a real one and without any.</summary>
public sealed class DaemonVerbTests : IDisposable
{
    private const int Columns = 80;
    private readonly RunningDaemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    /// <summary>C1: "spooled", never "accepted"; the ledger has it, once, when the daemon is back.</summary>
    [Fact]
    public void A_report_without_a_daemon_waits_in_the_spool_and_is_drained()
    {
        ProgramRun spooled = _daemon.Run("report", _daemon.Image, "--range", "0+4K", "--key", "mine", "--json");
        Assert.Equal(4, spooled.ExitStatus);
        Assert.True(spooled.Json().GetProperty("spooled").GetBoolean());
        Assert.Equal("mine", Assert.Single(spooled.Json().GetProperty("keys").EnumerateArray()).GetString());
        Assert.Contains("not in the ledger yet", spooled.Errors, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_daemon.Spool));

        _daemon.Start();
        while (Directory.GetFiles(_daemon.Spool).Length > 0) Assert.Equal(0, _daemon.Run("parties").ExitStatus);
        ProgramRun again = _daemon.Run("report", _daemon.Image, "--range", "0+4K", "--key", "mine", "--json");
        Assert.Equal(0, again.ExitStatus);
        Assert.True(again.Json().GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public void A_failure_goes_through_all_verbs()
    {
        _daemon.Start();
        Assert.Equal(0, _daemon.Run("status").ExitStatus);
        string id = Assert.Single(_daemon.Run("report", _daemon.Image, "--range", "65536+4K").Lines());
        Assert.Equal(1, _daemon.Run("status").ExitStatus);

        ProgramRun list = _daemon.Run("failures", "list");
        Assert.Contains(id, list.Text, StringComparison.Ordinal);
        // The first line is the device's path; the rest must not break in a terminal.
        Assert.All(list.Lines().Skip(1), line => Assert.InRange(line.Length, 1, Columns));
        JsonElement item = Assert.Single(
            _daemon.Run("failures", "list", "--json").Json().GetProperty("items").EnumerateArray());
        Assert.Equal((65536, 4096), (item.GetProperty("offset").GetInt64(), item.GetProperty("length").GetInt64()));

        Assert.Equal(0, _daemon.Run("failures", "ack", id, "--owner", "anna", "--note", "\e[31mred\nline").ExitStatus);
        ProgramRun shown = _daemon.Run("failures", "show", id);
        Assert.Contains("anna", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', shown.Text);
        Assert.DoesNotContain("\nline", shown.Text, StringComparison.Ordinal);

        ProgramRun watched = _daemon.Run("watch", "--after", "0", "--count", "1", "--json");
        Assert.Equal(id, watched.Json().GetProperty("failure").GetString());

        Assert.Equal(0, _daemon.Run("failures", "clear", id, "--how", "dismissed").ExitStatus);
        Assert.Equal(0, _daemon.Run("status").ExitStatus);
        Assert.Equal("no failures", _daemon.Run("failures", "list").Text.Trim());
        Assert.Empty(_daemon.Run("parties", "--json").Json().GetProperty("items").EnumerateArray());
    }

    /// <summary>C1: what is lost again on the same day is no repetition of what was said in the morning.</summary>
    [Fact]
    public void What_is_reported_again_after_it_was_settled_is_open_again()
    {
        _daemon.Start();
        string id = Assert.Single(_daemon.Run("report", _daemon.Image, "--range", "65536+4K").Lines());
        Assert.Equal(0, _daemon.Run("failures", "clear", id, "--how", "rewritten").ExitStatus);
        Assert.Equal(0, _daemon.Run("status").ExitStatus);
        ProgramRun again = _daemon.Run("report", _daemon.Image, "--range", "65536+4K", "--json");
        Assert.False(again.Json().GetProperty("duplicate").GetBoolean());
        Assert.Equal(1, _daemon.Run("status").ExitStatus);
    }

    [Fact]
    public void What_is_refused_has_its_code_and_what_makes_no_sense_is_usage()
    {
        _daemon.Start();
        ProgramRun unknown = _daemon.Run("report", "/dev/\e[31mnone\nsuch", "--range", "0+4K");
        Assert.Equal(8, unknown.ExitStatus);
        string line = unknown.OnlyError();
        Assert.Contains("(unknown_device)", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', line);
        Assert.Equal(16, _daemon.Run("report", _daemon.Image).ExitStatus);
        Assert.Equal(16, _daemon.Run("failures", "clear", "01a222db-60a2-7000-90d4-8245bdd8af20").ExitStatus);
        Assert.Equal(16, _daemon.Run("failures", "show", "nonsense").ExitStatus);
    }
}
