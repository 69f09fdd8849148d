// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>A daemon of a test's own, in a folder of its own; the command finds it there, and its spool.</summary>
public sealed class RunningDaemon : IDisposable
{
    private readonly Scratch _scratch = new("daemon");
    private Process? _daemon;

    public string Image => _scratch.PathOf("disk.img");

    public string Spool => _scratch.PathOf("spool");

    private string Socket => _scratch.PathOf("run/socket");

    public RunningDaemon()
    {
        _scratch.SparseFile("disk.img", 1 << 20);
        string config = _scratch.PathOf("holdfast.json");
        File.WriteAllText(
            config,
            $$"""
            {"ledger": {"path": "{{_scratch.PathOf("ledger.db")}}" }, "spool": {"path": "{{Spool}}" },
             "socket": {"path": "{{Socket}}" } }
            """);
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public ProgramRun Run(params ReadOnlySpan<string> arguments) => ProgramRun.Start(
        "env", null, [$"HOLDFAST_SOCKET={Socket}", $"HOLDFAST_SPOOL={Spool}", Command.Script, .. arguments]);

    public void Start()
    {
        var start = new ProcessStartInfo(Checkout.PathOf("holdfastd"))
        {
            ArgumentList = { "--config", _scratch.PathOf("holdfast.json") },
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

    public void Dispose()
    {
        if (_daemon is not null)
        {
            // ./holdfastd becomes the daemon: this is the process that it started as.
            _daemon.Kill(entireProcessTree: true);
            _daemon.WaitForExit();
            _daemon.Dispose();
        }

        _scratch.Dispose();
    }
}
