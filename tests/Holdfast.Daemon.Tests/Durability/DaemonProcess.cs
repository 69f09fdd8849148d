// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using Holdfast.Client;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>./holdfastd as a user starts it. Killed when disposed.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private const int OutputMax = 64 << 10;
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private DaemonProcess(string config)
    {
        var start = new ProcessStartInfo(Checkout.PathOf("holdfastd"))
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(config);
        _process = Process.Start(start) ?? throw new InvalidOperationException("holdfastd cannot be started");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has said so far.</summary>
    internal string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Returns when it answers.</summary>
    internal static async Task<DaemonProcess> StartAsync(string config, string socket)
    {
        var daemon = new DaemonProcess(config);
        using var client = new DaemonClient(socket);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                await client.StatusAsync();
                return daemon;
            }
            catch (Exception fault) when (fault is DaemonUnreachableException or DaemonException)
            {
                if (!daemon._process.HasExited && waited.Elapsed < StartTimeMax)
                {
                    await Task.Delay(10);
                    continue;
                }

                daemon.Dispose();
                throw new InvalidOperationException($"the daemon does not answer: {daemon.Output}", fault);
            }
        }
    }

    /// <summary>Starts it where it cannot go on.</summary>
    /// <returns>Its exit status.</returns>
    internal static int RunToEnd(string config, out string output)
    {
        using var daemon = new DaemonProcess(config);
        bool hasEnded = daemon._process.WaitForExit(StartTimeMax);
        if (!hasEnded) throw new InvalidOperationException($"it goes on: {daemon.Output}");
        daemon._process.WaitForExit();
        output = daemon.Output;
        return daemon._process.ExitCode;
    }

    internal int Id => _process.Id;

    /// <summary>SIGKILL.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < OutputMax) _output.AppendLine(line);
        }
    }
}
