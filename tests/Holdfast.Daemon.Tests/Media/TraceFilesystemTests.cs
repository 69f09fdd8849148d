// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Media;

/// <summary>A machine on which nobody has mounted tracefs: without it the kernel's events are not heard.</summary>
[Collection(KernelEvents.Alone)]
public sealed class TraceFilesystemTests
{
    private const string Tracing = "/sys/kernel/tracing";

    [RootFact(Needs.Root, "unshare")]
    public async Task A_daemon_mounts_it_where_it_is_not()
    {
        // Its instances are seen wherever it is mounted.
        if (!Directory.Exists($"{Tracing}/instances")) ProgramRun.Require("mount", "-t", "tracefs", "tracefs", Tracing);
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(traceInstance: trace.Name);
        using DaemonProcess daemon = await DaemonProcess.StartWithoutAsync(Tracing, place);
        await Until.TrueAsync(() => Task.FromResult(Directory.Exists($"{Tracing}/instances/{trace.Name}")));
        JsonElement status = await daemon.Api.DoAsync("GET", "/v1/status");
        Assert.DoesNotContain("tracefs", status.GetProperty("degraded").GetRawText(), StringComparison.Ordinal);
        string[] mounts = [.. File.ReadLines($"/proc/{daemon.Id}/mountinfo").Where(
            line => line.Contains($" {Tracing} ", StringComparison.Ordinal))];
        Assert.Contains("nosuid,nodev,noexec", Assert.Single(mounts), StringComparison.Ordinal);
    }
}
