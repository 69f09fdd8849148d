// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>A daemon of a test's own, in a folder of its own; the command finds it there, and its spool.</summary>
public sealed class RunningDaemon : IDisposable
{
    /// <summary>A group that is everywhere, and nobody's main one.</summary>
    private const string Group = "daemon";

    private readonly Scratch _scratch = new("daemon");
    private Process? _daemon;

    public string Folder => _scratch.Folder;

    public string Image => _scratch.PathOf("disk.img");

    public string Configuration => _scratch.PathOf("holdfast.json");

    public bool IsRunning => _daemon is { HasExited: false };

    public string Ledger => _scratch.PathOf("ledger.db");

    public string Spool => _scratch.PathOf("spool");

    public string Socket => _scratch.PathOf("run/socket");

    public RunningDaemon()
        : this("")
    {
    }

    /// <param name="more">Further members of the configuration, each with its comma before it.</param>
    public RunningDaemon(string more)
    {
        _scratch.SparseFile("disk.img", 1 << 20);
        File.WriteAllText(
            Configuration,
            $$"""
            {"ledger": {"path": "{{_scratch.PathOf("ledger.db")}}" }, "spool": {"path": "{{Spool}}" },
             "socket": {"path": "{{Socket}}", "group": "{{Group}}" },
             "mounts": {"hold": false }, "kernel": {"listen": false } {{more}} }
            """);
        File.SetUnixFileMode(Configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public ProgramRun Run(params ReadOnlySpan<string> arguments) => ProgramRun.Start(
        "env", null, [$"HOLDFAST_SOCKET={Socket}", $"HOLDFAST_SPOOL={Spool}", Command.Script, .. arguments]);

    /// <summary>Others may come as far as the socket's own folder.</summary>
    public void OpenFolder() => File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);

    /// <summary>As nobody, in the daemon's group or in none.</summary>
    public ProgramRun RunAsNobody(bool isMember, params ReadOnlySpan<string> arguments) => ProgramRun.Start(
        "setpriv", null,
        [
            "--reuid", "65534", "--regid", "65534", .. isMember ? (string[])["--groups", Group] : ["--clear-groups"],
            "env", $"HOLDFAST_SOCKET={Socket}", $"HOLDFAST_SPOOL={Spool}", Command.Script, .. arguments,
        ]);

    /// <summary>A line of a shell as nobody in the daemon's group.</summary>
    public static ProgramRun ShellAsMember(string script) => ProgramRun.Start(
        "setpriv", null, ["--reuid", "65534", "--regid", "65534", "--groups", Group, "sh", "-c", script]);

    /// <summary>A line of a shell in the daemon's folder, where the command is <c>holdfast</c>.</summary>
    public ProgramRun Shell(string script) => Command.Shell(
        Folder, $"export HOLDFAST_SOCKET='{Socket}' HOLDFAST_SPOOL='{Spool}'; {script}");

    public void Start()
    {
        var start = new ProcessStartInfo(Checkout.PathOf("holdfastd"))
        {
            ArgumentList = { "--config", Configuration },
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _daemon = Process.Start(start)!;
        _ = _daemon.StandardOutput.ReadToEndAsync();
        Task<string> errors = _daemon.StandardError.ReadToEndAsync();
        while ((Run("status").ExitStatus & 8) != 0)
        {
            Assert.False(_daemon.HasExited, _daemon.HasExited ? errors.Result : "");
        }
    }

    /// <summary>Kills it, if it runs.</summary>
    public void Stop()
    {
        if (_daemon is null) return;
        // ./holdfastd becomes the daemon: this is the process that it started as.
        _daemon.Kill(entireProcessTree: true);
        _daemon.WaitForExit();
        _daemon.Dispose();
        _daemon = null;
    }

    public void Dispose()
    {
        Stop();
        _scratch.Dispose();
    }
}
