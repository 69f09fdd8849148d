// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>A `holdfast freeze` that runs; killed when disposed, which thaws.</summary>
internal sealed partial class RunningFreeze : IDisposable
{
    private readonly Process _process;

    private RunningFreeze(Process process, string said)
    {
        _process = process;
        Said = said;
        DeadMan = int.Parse(DeadManNumber().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    internal int Freezer => _process.Id;

    internal int DeadMan { get; }

    /// <summary>Its first line.</summary>
    internal string Said { get; }

    internal static async Task<RunningFreeze> StartAsync(string point, string time)
    {
        // Tests that a shell runs in the background would have it ignore an interrupt.
        string[] arguments = ["--default-signal", Command.Script, "freeze", point, "--for", time];
        var start = new ProcessStartInfo("env", arguments) { RedirectStandardError = true };
        Process process = Process.Start(start)!;
        string said = (await process.StandardError.ReadLineAsync())!;
        Assert.Contains("is frozen for", said, StringComparison.Ordinal);
        return new(process, said);
    }

    internal static void Signal(int process, string signal) => ProgramRun.Require("kill", "-s", signal, $"{process}");

    /// <summary>What it says from now on, and its exit status.</summary>
    internal async Task<(int Status, string Text)> EndAsync()
    {
        string text = await _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, text);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex("process ([0-9]+) thaws it")]
    private static partial Regex DeadManNumber();
}
