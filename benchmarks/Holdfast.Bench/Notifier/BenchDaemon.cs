// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Client;

namespace Holdfast.Bench.Notifier;

/// <summary>The real daemon, over a ledger of its own in a folder of the disk that is measured.</summary>
internal sealed class BenchDaemon : IDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private BenchDaemon(Process process, string socket, string device)
    {
        _process = process;
        Socket = socket;
        Device = device;
    }

    internal string Socket { get; }

    /// <summary>What failures are reported of: a file of holes.</summary>
    internal string Device { get; }

    /// <summary>What is in memory, of the process and shared.</summary>
    internal long ResidentBytes => StatusOf("VmRSS:") * 1024;

    /// <summary>Processor time it has used.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="instance">Of tracefs: it listens to the kernel then, and holds what is mounted.</param>
    internal static async Task<BenchDaemon> StartAsync(string program, string folder, string? instance = null)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        folder = Path.GetFullPath(folder);
        string device = Path.Combine(folder, "disk.img");
        using (FileStream file = File.Create(device)) file.SetLength(1L << 42);
        string config = Path.Combine(folder, "holdfast.json");
        string socket = Path.Combine(folder, "run", "s");
        await File.WriteAllTextAsync(config, $$"""
            {
                "ledger": { "path": "{{folder}}/ledger/ledger.db" },
                "spool": { "path": "{{folder}}/spool" },
                "socket": { "path": "{{socket}}", "group": "root" },
                "mounts": { "hold": {{(instance is null ? "false" : "true")}} },
                "kernel": {
                    "listen": {{(instance is null ? "false" : "true")}},
                    "trace_instance": "{{instance ?? "none"}}"
                }
            }
            """);
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(config);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} cannot be started");
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var daemon = new BenchDaemon(process, socket, device);
        await daemon.WaitAsync();
        return daemon;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task WaitAsync()
    {
        using var client = new DaemonClient(Socket);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                await client.StatusAsync();
                return;
            }
            catch (DaemonUnreachableException) when (!_process.HasExited && waited.Elapsed < StartTimeMax)
            {
                await Task.Delay(20);
            }
        }
    }

    private long StatusOf(string field)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(
            at => at.StartsWith(field, StringComparison.Ordinal));
        string number = line[field.Length..].Replace("kB", "", StringComparison.Ordinal);
        return long.Parse(number, CultureInfo.InvariantCulture);
    }
}
