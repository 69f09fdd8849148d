// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>The daemon's own life: start, signs of life, stop, kill, a second one, its configuration.</summary>
public sealed class LifeTests
{
    /// <summary>C1: what was answered is there after a kill, and the socket it left is no obstacle.</summary>
    [Fact]
    public async Task After_a_kill_everything_is_there()
    {
        using var place = new DaemonPlace();
        string disk = place.Image("disk.img");
        using DaemonProcess first = await DaemonProcess.StartAsync(place);
        string id = await first.Api.ReportAsync("a", disk, 0);
        await first.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        await first.Api.DoAsync("PUT", "/v1/holders/fs", RouteTests.Claim(disk, "claimed"));
        await first.KillAsync();
        Assert.True(Path.Exists(place.Socket));
        using DaemonProcess second = await DaemonProcess.StartAsync(place);
        JsonElement again = await second.Api.DoAsync("POST", "/v1/reports", Running.Api.ReportJson("a", disk, 0, 4096));
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal(id, again.GetProperty("failures")[0].GetProperty("id").GetString());
        JsonElement status = await second.Api.DoAsync("GET", "/v1/status");
        Assert.Equal((1, 1), (status.GetProperty("holders").GetInt32(), status.GetProperty("parties").GetInt32()));
    }

    [Fact]
    public async Task A_second_daemon_does_not_take_the_socket_of_the_first()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        (int status, string errors) = await DaemonProcess.RunAsync("--config", place.Configuration);
        Assert.Equal(8, status);
        Assert.Contains("another daemon listens", errors);
        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
    }

    [Fact]
    public async Task The_service_manager_hears_signs_of_life_and_the_end()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place, ("WATCHDOG_USEC", "200000"));
        Assert.Contains("\nSTATUS=0 open failures", await daemon.HearAsync("WATCHDOG=1"));
        Task<string> stopping = daemon.HearAsync("STOPPING=1");
        Assert.Equal(0, (await daemon.TerminateAsync()).Status);
        Assert.Equal("STOPPING=1", await stopping);
    }

    [Fact]
    public async Task A_wrong_configuration_is_told_by_line_and_never_run()
    {
        using var place = new DaemonPlace();
        Assert.Equal(0, (await DaemonProcess.RunAsync("--check", "--config", place.Configuration)).Status);
        place.Write("{\n  \"ledger\": {\"pat\": \"/x\"}\n}");
        (int status, string errors) = await DaemonProcess.RunAsync("--config", place.Configuration);
        Assert.Equal(16, status);
        Assert.Contains("line 2, column 14", errors);
        place.Write("{}");
        File.SetUnixFileMode(place.Configuration, (UnixFileMode)0b110_110_000);
        (status, errors) = await DaemonProcess.RunAsync("--check", "--config", place.Configuration);
        Assert.Equal(16, status);
        Assert.Contains("others than its owner can write it", errors);
    }

    /// <summary>The same numbers as in /metrics, sent where the configuration says.</summary>
    [Fact]
    public async Task Numbers_go_out_by_otlp_where_that_is_configured()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        using var place = new DaemonPlace($$""", "otlp": {"endpoint": "http://{{collector.LocalEndpoint}}"}""");
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.ReportAsync("a", place.Image("disk.img"), 0);
        Task<string> received = ReceiveAsync(collector);
        await daemon.TerminateAsync();
        string text = await received;
        Assert.StartsWith("POST /v1/metrics HTTP/1.1", text);
        Assert.Contains("holdfast.reports_total", text);
        Assert.Contains("holdfast.failures_open", text);
    }

    private static async Task<string> ReceiveAsync(TcpListener collector)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using TcpClient client = await collector.AcceptTcpClientAsync(patience.Token);
        await using NetworkStream stream = client.GetStream();
        var text = new StringBuilder();
        byte[] buffer = new byte[64 << 10];
        while (!text.ToString().Contains("holdfast.degraded", StringComparison.Ordinal))
        {
            int length = await stream.ReadAsync(buffer, patience.Token);
            if (length == 0) break;
            text.Append(Encoding.Latin1.GetString(buffer, 0, length));
        }

        byte[] done = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();
        await stream.WriteAsync(done, patience.Token);
        return text.ToString();
    }
}
