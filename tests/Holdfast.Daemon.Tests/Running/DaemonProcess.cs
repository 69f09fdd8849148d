// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Holdfast.Testing;

namespace Holdfast.Daemon.Tests.Running;

/// <summary>
/// A real daemon in a folder of its own. It is there when it says READY=1 to its service manager, which is this.
/// </summary>
internal sealed class DaemonProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Socket _manager;
    private readonly Task<string> _errors;

    private DaemonProcess(Process process, Socket manager, string socket)
    {
        _process = process;
        _manager = manager;
        _errors = process.StandardError.ReadToEndAsync();
        Api = new(socket);
    }

    internal Api Api { get; }

    internal int Id => _process.Id;

    /// <summary>Starts one on the configuration of a place, and waits until it is ready.</summary>
    internal static Task<DaemonProcess> StartAsync(DaemonPlace place, params (string Name, string Value)[] more) =>
        StartAsync(place, StartOf("--config", place.Configuration), more);

    /// <summary>The same in a mount namespace of its own, in which something is not mounted.</summary>
    internal static Task<DaemonProcess> StartWithoutAsync(string mountPoint, DaemonPlace place)
    {
        ProcessStartInfo start = StartOf("--config", place.Configuration);
        string inside = $"umount {mountPoint} && exec \"$@\"";
        var outside = new ProcessStartInfo(
            "unshare", ["--mount", "--propagation", "private", "sh", "-c", inside, "-", start.FileName,
                .. start.ArgumentList])
        {
            RedirectStandardError = true,
        };
        return StartAsync(place, outside);
    }

    private static async Task<DaemonProcess> StartAsync(
        DaemonPlace place, ProcessStartInfo start, params (string Name, string Value)[] more)
    {
        Socket manager = ManagerAt(place.PathOf("notify.sock"));
        start.Environment["NOTIFY_SOCKET"] = place.PathOf("notify.sock");
        foreach ((string name, string value) in more) start.Environment[name] = value;
        var daemon = new DaemonProcess(Process.Start(start)!, manager, place.Socket);
        Task<string> ready = daemon.HearAsync("READY=1");
        if (await Task.WhenAny(ready, daemon._process.WaitForExitAsync()) == ready) return daemon;
        throw new InvalidOperationException(await daemon._errors);
    }

    /// <summary>Runs one to its end.</summary>
    internal static async Task<(int Status, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(StartOf(arguments))!;
        string errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, errors);
    }

    /// <summary>The first word to the service manager that contains a text.</summary>
    internal async Task<string> HearAsync(string text)
    {
        byte[] buffer = new byte[4096];
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            int length = await _manager.ReceiveAsync(buffer, patience.Token);
            string said = Encoding.UTF8.GetString(buffer, 0, length);
            if (said.Contains(text, StringComparison.Ordinal)) return said;
        }
    }

    internal async Task<(int Status, string Errors)> TerminateAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _errors);
    }

    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        Api.Dispose();
        _manager.Dispose();
        _process.Dispose();
    }

    private static Socket ManagerAt(string path)
    {
        File.Delete(path);
        var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        return manager;
    }

    private static ProcessStartInfo StartOf(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "holdfastd.dll");
        return new("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardError = true,
        };
    }
}
