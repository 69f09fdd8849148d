// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>
/// C1: while the daemon is away a member of the group leaves reports in the spool's folder, as in a mail drop; what is
/// no report there harms nobody.
/// </summary>
public sealed class DaemonSpoolTests : IDisposable
{
    private readonly RunningDaemon _daemon = new();

    public DaemonSpoolTests()
    {
        _daemon.OpenFolder();
        _daemon.Start();
        // A member may name what the ledger knows, and no file besides.
        Assert.Equal(0, _daemon.Run("report", _daemon.Image, "--range", "0+4K").ExitStatus);
        _daemon.Stop();
    }

    public void Dispose() => _daemon.Dispose();

    [RootFact]
    public void A_members_report_waits_and_is_on_record_as_theirs()
    {
        ProgramRun spooled = _daemon.RunAsNobody(
            isMember: true, "report", _daemon.Image, "--range", "64K+4K", "--source", "root");
        Assert.Equal(4, spooled.ExitStatus);
        Assert.Single(Reports());
        Drain();
        ProgramRun list = _daemon.Run("failures", "list", "--json");
        Assert.Contains("root/user:65534", list.Text, StringComparison.Ordinal);
        Assert.Contains("65536", list.Text, StringComparison.Ordinal);
    }

    [RootFact]
    public void Who_is_in_no_group_leaves_nothing_there()
    {
        ProgramRun refused = _daemon.RunAsNobody(isMember: false, "report", _daemon.Image, "--range", "64K+4K");
        Assert.Equal(8, refused.ExitStatus);
        Assert.Empty(Directory.GetFiles(_daemon.Spool));
    }

    [RootFact]
    public void Nobody_takes_or_renames_another_ones_report()
    {
        Assert.Equal(4, _daemon.Run("report", _daemon.Image, "--range", "64K+4K").ExitStatus);
        string file = Assert.Single(Reports());
        Assert.NotEqual(0, RunningDaemon.ShellAsMember($"rm -f '{file}'").ExitStatus);
        Assert.NotEqual(0, RunningDaemon.ShellAsMember($"mv '{file}' '{file}.part'").ExitStatus);
        Assert.NotEqual(0, RunningDaemon.ShellAsMember($"echo x >> '{file}'").ExitStatus);
        Assert.Equal([file], Reports());
    }

    /// <summary>Links, pipes, what is too long and what is no report: the next in line is taken all the same.</summary>
    [RootFact]
    public void What_is_no_report_is_set_aside_and_keeps_none_waiting()
    {
        string secret = Path.Combine(_daemon.Folder, "secret");
        File.WriteAllText(secret, """{"key":"k","source":"s","device":"/dev/null","basis":"error","ranges":[]}""");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ProgramRun made = RunningDaemon.ShellAsMember($"""
            cd '{_daemon.Spool}' && ln -s '{secret}' 0-link.report && mkfifo 1-pipe.report && mkdir 2-folder.report &&
            head -c 5000000 /dev/zero > 3-long.report && echo nonsense > 4-text.report && : > 5-empty.report
            """);
        Assert.Equal(0, made.ExitStatus);
        Assert.Equal(4, _daemon.RunAsNobody(true, "report", _daemon.Image, "--range", "64K+4K").ExitStatus);
        _daemon.Start();
        Until(() => _daemon.Run("failures", "list", "--json").Text.Contains("65536", StringComparison.Ordinal));

        Assert.True(File.Exists(secret));
        Assert.Equal(
            ["ok"], _daemon.Shell("holdfast status --json | grep -q '\"degraded\":\\[\\]' && echo ok").Lines());
    }

    /// <summary>Not even whether it is there is told to who may not see it.</summary>
    [RootFact]
    public void A_member_names_no_file_that_they_could_not_name_over_the_socket()
    {
        string other = Path.Combine(_daemon.Folder, "other.img");
        File.WriteAllBytes(other, new byte[4096]);
        Assert.Equal(4, _daemon.RunAsNobody(true, "report", other, "--range", "0+4K").ExitStatus);
        Assert.Equal(4, _daemon.RunAsNobody(true, "report", _daemon.Image, "--range", "64K+4K").ExitStatus);
        _daemon.Start();
        Until(() => Reports().Length <= 1);
        string all = _daemon.Run("failures", "list", "--state", "all", "--json").Text;
        Assert.DoesNotContain("other.img", all, StringComparison.Ordinal);
    }

    private string[] Reports() => Directory.GetFiles(_daemon.Spool, "*.report");

    private void Drain()
    {
        _daemon.Start();
        Until(() => Reports().Length == 0);
    }

    private void Until(Func<bool> isSo)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); Thread.Sleep(20))
        {
            Assert.True(_daemon.IsRunning && waited.Elapsed < TimeSpan.FromSeconds(60), "it does not come about");
        }
    }
}
