// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The packaged actions, each on a real mount; systemd is a double that says what it was asked.</summary>
public sealed class ActionScriptTests : IDisposable
{
    private readonly Scratch _scratch = new("actions");
    private LoopMount? _mount;

    public ActionScriptTests()
    {
        Directory.CreateDirectory(_scratch.PathOf("bin"));
        File.CreateSymbolicLink(_scratch.PathOf("bin/holdfast"), Command.Script);
        Script("systemctl", """
            for word; do :; done
            case "$1" in
                list-dependencies) [ "$word" != base.service ] || printf 'base.service\n  \342\227\217 db.service\n' ;;
                show)
                    case $2,$word in
                        *LoadState,gone.service) echo not-found ;;
                        *LoadState,*) echo loaded ;;
                        *,alias.service) echo db.service ;;
                        *) echo "$word" ;;
                    esac
                    ;;
                *) echo "$@" >> "$(dirname "$0")/asked" ;;
            esac
            """);
        File.WriteAllText(Config, """{"acting": {"enabled": true, "protected_units": ["db"]}}""");
    }

    private string Point => (_mount ??= LoopMount.Writable(
        XfsGeometry.Named("default").MakeFilesystem(_scratch), _scratch)).Point;

    private string Config => _scratch.PathOf("holdfast.json");

    /// <summary>What systemd was told to do.</summary>
    private string Asked =>
        _scratch.PathOf("bin/asked") is var file && File.Exists(file) ? File.ReadAllText(file) : "";

    public void Dispose()
    {
        if (_mount is not null) ProgramRun.Start("xfs_io", null, "-x", "-c", "thaw", _mount.Point);
        _mount?.Dispose();
        _scratch.Dispose();
    }

    [RootTheory]
    [InlineData("shutdown-filesystem", "shut down")]
    [InlineData("remount-read-only", "remounted read-only")]
    [InlineData("freeze-filesystem", "frozen")]
    public void A_dry_run_does_nothing_and_what_ours_lies_on_is_refused(string action, string what)
    {
        string[] options = action == "freeze-filesystem" ? ["--for", "1s"] : [];
        ProgramRun dry = Run(action, null, [.. options, "--dry-run", Point]);
        Assert.Equal(0, dry.ExitStatus);
        Assert.Contains($"dry run: {Point} would be {what}", dry.Text + dry.Errors, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Point, "still"), "writable");

        File.WriteAllText(Config, $$"""{"ledger": {"path": "{{Point}}/ledger.db"} }""");
        ProgramRun refused = Run(action, null, [.. options, Point]);
        Assert.NotEqual(0, refused.ExitStatus);
        Assert.Contains("the ledger lies on this filesystem", refused.Errors, StringComparison.Ordinal);
        refused = Run(action, null, [.. options, "/"]);
        Assert.Contains("the root filesystem lies on this filesystem", refused.Errors, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Point, "still"), "writable");
    }

    /// <summary>As the command policy gives it: the filesystem's UUID, in what strangers called their files.</summary>
    [RootFact]
    public void A_notice_tells_which_filesystem_is_shut_down()
    {
        byte[] notice = NoticeOf(Uuid());
        string dry = Run("shutdown-filesystem", notice, "--dry-run").Text;
        Assert.Equal($"dry run: {Point} would be shut down\n", dry);
        ProgramRun run = Run("shutdown-filesystem", notice);
        Assert.Equal((0, "", $"{Point} is shut down\n"), (run.ExitStatus, run.Errors, run.Text));
        Assert.Throws<IOException>(() => Directory.GetFiles(Point));
    }

    [RootFact]
    public void A_notice_that_names_none_or_another_filesystem_does_nothing()
    {
        _ = Point;
        string other = Guid.NewGuid().ToString();
        foreach ((byte[] notice, string why) in (IEnumerable<(byte[], string)>)[
            (NoticeOf(null), "names no filesystem"), ([0, 255, (byte)'{'], "names no filesystem"),
            ([], "names no filesystem"),
            (NoticeOf(other), $"{other} is not mounted here"),
            ([.. NoticeOf(other), .. NoticeOf(Uuid())], "several filesystems")])
        {
            ProgramRun run = Run("shutdown-filesystem", notice);
            Assert.Equal(1, run.ExitStatus);
            Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_scratch.PathOf("pwned")));
        File.WriteAllText(Path.Combine(Point, "still"), "writable");
    }

    [RootFact]
    public void It_is_remounted_read_only()
    {
        ProgramRun run = Run("remount-read-only", NoticeOf(Uuid()));
        Assert.Equal((0, "", $"{Point} is read-only\n"), (run.ExitStatus, run.Errors, run.Text));
        Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(Point, "file"), "x"));
    }

    [RootFact]
    public void It_is_frozen_and_thawed()
    {
        ProgramRun run = Run("freeze-filesystem", NoticeOf(Uuid()), "--for", "1s");
        Assert.Equal(0, run.ExitStatus);
        Assert.StartsWith($"holdfast: {Point} is frozen for 1 s", run.Errors, StringComparison.Ordinal);
        Assert.EndsWith($"holdfast: {Point} is thawed\n", run.Errors, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Point, "still"), "writable");
    }

    [Theory]
    [InlineData("stop-unit", "stop")]
    [InlineData("restart-unit", "restart")]
    public void Units_are_acted_on(string action, string verb)
    {
        ProgramRun dry = Run(action, null, "--dry-run", "web.service", @"a\x2db@1.timer");
        Assert.Equal((0, $"dry run: systemctl {verb} web.service a\\x2db@1.timer\n"), (dry.ExitStatus, dry.Text));
        Assert.Equal("", Asked);
        ProgramRun run = Run(action, null, "web.service", "other.service");
        Assert.Equal((0, $"{verb}: web.service other.service\n"), (run.ExitStatus, run.Text));
        Assert.Equal($"{verb} --no-ask-password -- web.service other.service\n", Asked);
    }

    [Theory]
    [InlineData("db.service is protected", "db.service")]
    [InlineData("db.service is protected", "web.service", "db.service")]
    [InlineData("db.service is protected", "alias.service")]
    [InlineData("db.service is protected", "base.service")]
    [InlineData("holdfastd.service is protected", "holdfastd.service")]
    [InlineData("there is no such unit", "gone.service")]
    [InlineData("not the name of a unit", "*.service")]
    [InlineData("not the name of a unit", "web.service;id")]
    [InlineData("not the name of a unit", "web .service")]
    [InlineData("not the name of a unit", "--now")]
    [InlineData("not the full name", "web")]
    [InlineData("not the full name", "multi-user.target")]
    [InlineData("no unit is named")]
    public void Protected_units_and_patterns_are_never_stopped(string why, params string[] units)
    {
        ProgramRun run = Run("stop-unit", null, units);
        Assert.NotEqual(0, run.ExitStatus);
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
        Assert.Equal("", Asked);
    }

    private ProgramRun Run(string action, byte[]? input, params string[] arguments) => ProgramRun.Start(
        "env", input,
        [
            $"PATH={_scratch.PathOf("bin")}:/usr/sbin:/usr/bin:/sbin:/bin",
            Checkout.PathOf("packaging", "actions", action), "--config", Config, .. arguments,
        ]);

    private string Uuid() => ProgramRun.Require("blkid", "-c", "/dev/null", "-o", "value", "-s", "UUID",
        Device()).Text.Trim();

    private string Device()
    {
        _ = Point;
        return _mount!.DataDevice.Path;
    }

    /// <summary>With a file that is called so as to be taken for something else.</summary>
    private byte[] NoticeOf(string? uuid)
    {
        string evil = "\",\"fs\":{\"type\":\"xfs\",\"uuid\":\"00000000-0000-4000-8000-000000000000\"},\"x\":\"'$(touch "
            + _scratch.PathOf("pwned") + ")`touch " + _scratch.PathOf("pwned") + "`\n-rf *";
        string impacts = $"[{{\"owner\":\"inode\",\"paths\":[{JsonSerializer.Serialize(evil)}]}}]";
        return JsonSerializer.SerializeToUtf8Bytes(new NoticeJson
        {
            Key = "on.call/1", Failure = Guid.NewGuid(), Revision = 1, Cause = "confirmed", State = "published",
            Time = DateTimeOffset.UnixEpoch, Device = new("path:" + evil, evil, false, null), Ranges = [],
            Kind = "media",
            Medium = "confirmed", Content = "lost", Fs = uuid is null ? null : new("xfs", uuid, null),
            Impacts = JsonDocument.Parse(Encoding.UTF8.GetBytes(impacts)).RootElement,
        }, ContractJson.Default.NoticeJson);
    }

    private void Script(string name, string text)
    {
        string path = _scratch.PathOf($"bin/{name}");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
