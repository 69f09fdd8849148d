// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Cli.Verbs;
using Holdfast.Linux;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>
/// Goal: killing any process of a freeze never leaves a filesystem frozen, and nobody else's freeze is ever thawed.
/// Whether it is frozen a writer tells, who waits in the kernel until it is not.
/// </summary>
public sealed class FreezeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Scratch _scratch = new("freeze");
    private LoopMount? _mount;

    private string Point => (_mount ??= LoopMount.Writable(
        XfsGeometry.Named("default").MakeFilesystem(_scratch), _scratch)).Point;

    public void Dispose()
    {
        // Whatever went wrong: nothing is left frozen here. What was unmounted lazily is mounted again first.
        if (_mount is not null)
        {
            if (Mount.At(_mount.Point, KernelRoots.Real) is null)
            {
                ProgramRun.Start("mount", null, "-o", "nouuid", _mount.DataDevice.Path, _mount.Point);
            }

            ProgramRun.Start("fsfreeze", null, "--unfreeze", _mount.Point);
        }

        _mount?.Dispose();
        _scratch.Dispose();
    }

    [RootFact]
    public async Task While_both_live_writers_wait_and_when_the_time_is_over_they_go_on()
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "3s");
        Assert.StartsWith($"holdfast: {Point} is frozen for 3 s; process ", freeze.Said, StringComparison.Ordinal);
        using Writer writer = await Writer.WaitingAsync(Point);
        Assert.Equal((0, $"holdfast: {Point} is thawed\n"), await freeze.EndAsync());
        await writer.EndAsync();
        Assert.False(Directory.Exists($"/proc/{freeze.DeadMan}"));
    }

    [RootFact]
    public async Task The_freezer_is_killed()
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "5m");
        using Writer writer = await Writer.WaitingAsync(Point);
        RunningFreeze.Signal(freeze.Freezer, "KILL");
        await writer.EndAsync();
        await UntilAsync(() => !Directory.Exists($"/proc/{freeze.DeadMan}"));
    }

    [RootFact]
    public async Task The_dead_man_is_killed()
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "5m");
        using Writer writer = await Writer.WaitingAsync(Point);
        RunningFreeze.Signal(freeze.DeadMan, "KILL");
        await writer.EndAsync();
        Assert.Equal(
            (8, $"holdfast: {Point} is thawed early: the process that watched this one has ended\n"),
            await freeze.EndAsync());
    }

    /// <summary>As a command's time limit does: the dead-man is in a session of its own.</summary>
    [RootFact]
    public async Task The_freezers_whole_session_is_killed()
    {
        string said = _scratch.PathOf("said");
        using Process session = Process.Start(new ProcessStartInfo(
            "setsid", ["sh", "-c", $"'{Command.Script}' freeze '{Point}' --for 5m 2>'{said}' & wait"]))!;
        await UntilAsync(() => File.Exists(said) && File.ReadAllText(said).Contains(
            "is frozen", StringComparison.Ordinal));
        using Writer writer = await Writer.WaitingAsync(Point);
        ProgramRun.Require("kill", "-s", "KILL", "--", $"-{session.Id}");
        await writer.EndAsync();
    }

    [RootTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Told_to_end_it_thaws_first(string signal)
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "5m");
        using Writer writer = await Writer.WaitingAsync(Point);
        RunningFreeze.Signal(freeze.Freezer, signal);
        await writer.EndAsync();
        Assert.Equal((0, $"holdfast: {Point} is thawed early, as told\n"), await freeze.EndAsync());
    }

    /// <summary>One that does not go on cannot thaw: the dead-man does, and ends it first.</summary>
    [RootFact]
    public async Task A_freezer_that_is_stopped_does_not_outlast_the_time()
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "2s");
        RunningFreeze.Signal(freeze.Freezer, "STOP");
        using Writer writer = await Writer.WaitingAsync(Point);
        await writer.EndAsync();
        Assert.Equal(137, (await freeze.EndAsync()).Status);
    }

    /// <summary>In no mount table any more, and the device busy: the descriptor that was held thaws it.</summary>
    [RootFact]
    public async Task Unmounted_lazily_meanwhile_it_is_thawed_all_the_same()
    {
        using RunningFreeze freeze = await RunningFreeze.StartAsync(Point, "5m");
        string device = _mount!.DataDevice.Path;
        Assert.NotEqual(0, ProgramRun.Start("umount", null, Point).ExitStatus);
        ProgramRun.Require("umount", "--lazy", Point);
        RunningFreeze.Signal(freeze.Freezer, "KILL");
        // Thawed and let go by both, the kernel ends it: the device can be mounted anew, and written to.
        await UntilAsync(() => !Directory.Exists($"/sys/fs/xfs/{Path.GetFileName(device)}"));
        ProgramRun.Require("mount", "-o", "nouuid", device, Point);
        using Writer writer = Writer.Start(Point);
        await writer.EndAsync();
    }

    [RootFact]
    public async Task What_somebody_else_has_frozen_is_left_frozen()
    {
        ProgramRun.Require("xfs_io", "-x", "-c", "freeze", Point);
        ProgramRun run = Command.Run("freeze", Point, "--for", "10s");
        Assert.Equal(8, run.ExitStatus);
        Assert.Equal(
            $"holdfast: {Point}: somebody else has frozen it already; that is left alone", run.OnlyError());
        using Writer writer = await Writer.WaitingAsync(Point);
        ProgramRun.Require("xfs_io", "-x", "-c", "thaw", Point);
        await writer.EndAsync();
    }

    [RootFact]
    public void What_ours_lies_on_is_refused()
    {
        string config = _scratch.PathOf("holdfast.json");
        (string Key, string What)[] places =
            [("ledger", "the ledger"), ("spool", "the spool"), ("socket", "the daemon's socket")];
        foreach ((string key, string what) in places)
        {
            File.WriteAllText(config, $$"""{"{{key}}": {"path": "{{Point}}/not/yet/there"} }""");
            ProgramRun run = Command.Run("freeze", Point, "--for", "10s", "--config", config);
            Assert.Equal(8, run.ExitStatus);
            Assert.Equal($"holdfast: {Point}: {what} lies on this filesystem: freeze refused", run.OnlyError());
        }

        // By way of an image: what is written to the ledger is written to the file below.
        string inner = Path.Combine(Point, "inner.img");
        ProgramRun.Require("mkfs.xfs", "-q", "-d", $"file,name={inner},size=300m");
        using (LoopMount nested = LoopMount.Writable(new ImageSet(inner), _scratch))
        {
            File.WriteAllText(config, $$"""{"ledger": {"path": "{{nested.Point}}/ledger.db"} }""");
            ProgramRun run = Command.Run("freeze", Point, "--for", "10s", "--config", config);
            Assert.Equal($"holdfast: {Point}: the ledger lies on this filesystem: freeze refused", run.OnlyError());
        }

        File.WriteAllText(config, "{\"leger\": 1}");
        Assert.Contains(
            "what it means to protect is not known",
            Command.Run("freeze", Point, "--for", "10s", "--config", config).OnlyError(), StringComparison.Ordinal);
        ProgramRun output = Command.Shell(_scratch.Folder, $"holdfast freeze {Point} --for 10s 2> {Point}/said");
        Assert.Equal(8, output.ExitStatus);
        Assert.Contains("standard error lies on this", File.ReadAllText($"{Point}/said"), StringComparison.Ordinal);
        Writer.Start(Point).Dispose();
    }

    [Theory]
    [InlineData(8, "the root filesystem lies on this filesystem", "/", "--for", "10s")]
    [InlineData(8, "not a mount point", "/usr/bin", "--for", "10s")]
    [InlineData(8, "not a mount point", "/no/such/place", "--for", "10s")]
    [InlineData(16, "at most 10m", "/", "--for", "11m")]
    [InlineData(16, "at most 10m", "/", "--for", "0s")]
    [InlineData(16, "at most 10m", "/", "--for", "ten")]
    [InlineData(16, "at most 10m", "/", "--for", "99999999999999999m")]
    [InlineData(16, "--for", "/")]
    public void What_makes_no_sense_is_said(int status, string part, params string[] arguments)
    {
        ProgramRun run = Command.Run(["freeze", .. arguments]);
        Assert.Equal(status, run.ExitStatus);
        Assert.Contains(part, run.OnlyError(), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_dry_run_freezes_nothing_and_the_examples_work()
    {
        ProgramRun run = Command.Run("freeze", Point, "--for", "10m", "--dry-run");
        Assert.Equal((0, $"holdfast: dry run: {Point} would be frozen for 10 min\n"), (run.ExitStatus, run.Errors));
        using (Writer writer = Writer.Start(Point)) await writer.EndAsync();
        foreach (Example example in new FreezeVerb().Examples)
        {
            string script = example.Text.Replace("/srv", Point, StringComparison.Ordinal)
                .Replace("30s", "1s", StringComparison.Ordinal);
            Assert.Equal(0, Command.Shell(_scratch.Folder, script).ExitStatus);
        }
    }

    /// <summary>Whoever is not its freezer's child has nothing to watch.</summary>
    [Fact]
    public void The_dead_man_is_not_started_by_hand()
    {
        ProgramRun run = Command.Run("freeze-dead-man", "1", "3", "7:0", "1000");
        Assert.Equal((8, "the freezer has ended\n"), (run.ExitStatus, run.Text));
        Assert.Equal(8, Command.Run("freeze-dead-man").ExitStatus);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(waited.Elapsed < Patience, "it did not come to that");
            await Task.Delay(20);
        }
    }

    /// <summary>A process that writes a file.</summary>
    private sealed class Writer : IDisposable
    {
        private readonly Process _process;

        private Writer(Process process) => _process = process;

        internal static Writer Start(string point) => new(Process.Start(
            new ProcessStartInfo("touch", [Path.Combine(point, Guid.NewGuid().ToString("N"))]))!);

        /// <summary>It waits in the kernel: it is frozen.</summary>
        internal static async Task<Writer> WaitingAsync(string point)
        {
            Writer writer = Start(point);
            await UntilAsync(() => File.ReadAllText($"/proc/{writer._process.Id}/stat").Contains(
                ") D ", StringComparison.Ordinal));
            return writer;
        }

        /// <summary>It could write: it is thawed.</summary>
        internal async Task EndAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(0, _process.ExitCode);
        }

        public void Dispose()
        {
            // One in the kernel's hands ends with the thaw that the test's own cleanup makes.
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }
    }
}
