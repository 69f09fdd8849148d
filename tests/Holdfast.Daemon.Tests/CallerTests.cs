// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Holdfast.Daemon.Access;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests;

/// <summary>Callers that take too much, go away, or say and read nothing: the others are served all the same.</summary>
public sealed class CallerTests
{
    private const string Group = "daemon";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_users_requests_are_limited_and_come_back_with_time()
    {
        var time = new HandTime();
        var limits = new CallerLimits(time);
        Assert.Equal(CallerLimits.RequestsAtOnce, Asked(limits, 1000, CallerLimits.RequestsAtOnce + 7));
        Assert.False(limits.MayAsk(1000));
        Assert.True(limits.MayAsk(1001));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CallerLimits.RequestsASecond, Asked(limits, 1000, CallerLimits.RequestsAtOnce));
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(CallerLimits.RequestsAtOnce, Asked(limits, 1000, 2 * CallerLimits.RequestsAtOnce));
    }

    [Fact]
    public void A_users_connections_are_limited_and_come_back_when_they_end()
    {
        var limits = new CallerLimits(new HandTime());
        for (int i = 0; i < CallerLimits.ConnectionsMax; i++) Assert.True(limits.TryConnect(1000));
        Assert.False(limits.TryConnect(1000));
        Assert.True(limits.TryConnect(1001));
        limits.Disconnect(1000);
        Assert.True(limits.TryConnect(1000));
        Assert.False(limits.TryConnect(1000));
    }

    /// <summary>One member's program gone wild: no connection more, while root and the rest are served.</summary>
    [RootFact(Needs.Root, "setpriv", "curl")]
    public async Task A_member_with_too_many_feeds_keeps_nobody_out()
    {
        using var place = new DaemonPlace(group: Group);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        const int tried = CallerLimits.ConnectionsMax + 22;
        Task<ProgramRun> feeds = Task.Run(() => ProgramRun.Start(
            "setpriv", null,
            [
                "--reuid", "65534", "--regid", "65534", "--groups", Group, "curl", "-s", "-N", "-Z",
                "--parallel-immediate", "--parallel-max", "300", "-m", "6", "-o", "/dev/null",
                "-w", "%{http_code}\n", "-H", "Accept: text/event-stream", "--unix-socket", place.Socket,
                $"http://holdfast/v1/parties/me/notices?after=0&n=[1-{tried}]",
            ]));
        while (!feeds.IsCompleted)
        {
            Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
            await Task.Delay(100);
        }

        string[] codes = (await feeds).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(tried, codes.Length);
        Assert.Equal(CallerLimits.ConnectionsMax, codes.Count(code => code == "200"));
        Assert.Equal(tried - CallerLimits.ConnectionsMax, codes.Count(code => code == "000"));
    }

    [RootFact(Needs.Root, "setpriv", "curl")]
    public async Task A_member_that_asks_too_often_is_told_to_wait()
    {
        using var place = new DaemonPlace(group: Group);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        ProgramRun run = ProgramRun.Start(
            "setpriv", null,
            [
                "--reuid", "65534", "--regid", "65534", "--groups", Group, "curl", "-s", "-Z", "--parallel-max", "8",
                "-w", "\n%{http_code} %header{retry-after}\n", "--unix-socket", place.Socket,
                "http://holdfast/healthz?[1-60000]",
            ]);
        Assert.Contains("\n429 1\n", run.Text);
        Assert.Contains("\"code\":\"too_many_requests\"", run.Text);
        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
    }

    /// <summary>Connections that break off at any point leave nothing behind.</summary>
    [Fact]
    public async Task Callers_that_vanish_leave_nothing_behind()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        byte[] feed = Encoding.ASCII.GetBytes(
            "GET /v1/parties/db/notices HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n");
        byte[] report = Encoding.ASCII.GetBytes(
            "POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{\"key\": \"");
        int before = Descriptors(daemon);
        for (int i = 0; i < 300; i++)
        {
            byte[] words = i % 2 == 0 ? feed : report;
            await using NetworkStream caller = await daemon.Api.ConnectAsync(CancellationToken.None);
            await caller.WriteAsync(words.AsMemory(0, i % 4 < 2 ? words.Length : i % words.Length));
            // A reset, not an end: what is in flight is thrown away.
            if (i % 3 == 0) caller.Socket.LingerState = new(true, 0);
        }

        await UntilAsync(() => Descriptors(daemon) <= before + 2, "descriptors are left open");
        await daemon.Api.ReportAsync("a", place.Image("disk.img"), 0);
        (int status, string errors) = await daemon.TerminateAsync();
        Assert.Equal(0, status);
        Assert.DoesNotContain("Exception", errors);
    }

    /// <summary>C11: nothing is kept for a reader that never reads, and nobody waits for it.</summary>
    [Fact]
    public async Task A_reader_that_never_reads_costs_no_memory_and_holds_up_nobody()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/deaf", "{}");
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        await using NetworkStream deaf = await daemon.Api.ConnectAsync(CancellationToken.None);
        await deaf.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /v1/parties/deaf/notices HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n"));
        using EventReader events = await daemon.Api.ListenAsync("/v1/parties/db/notices");
        const int reports = 6;
        const int each = 2000;
        for (int i = 0; i < reports; i++)
        {
            await daemon.Api.DoAsync("POST", "/v1/reports", Storm(place.Image("disk.img", 1L << 30), i, each));
        }

        for (long next = 1; next <= reports * each; next++) Assert.Equal(next, (await events.NextAsync())!.Value.Id);
        Assert.InRange(ResidentBytes(daemon), 1, 400L << 20);
        (int status, string errors) = await daemon.TerminateAsync();
        Assert.Equal(0, status);
        Assert.DoesNotContain("Exception", errors);
    }

    [Fact]
    public async Task Who_does_not_finish_a_question_is_cut_off()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string answer = await daemon.Api.RawAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n"u8.ToArray());
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
    }

    private static int Asked(CallerLimits limits, uint user, int times) =>
        Enumerable.Range(0, times).Count(_ => limits.MayAsk(user));

    private static int Descriptors(DaemonProcess daemon) => Directory.GetFiles($"/proc/{daemon.Id}/fd").Length;

    private static long ResidentBytes(DaemonProcess daemon)
    {
        string line = File.ReadLines($"/proc/{daemon.Id}/status").First(at => at.StartsWith("VmRSS:"));
        string kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) << 10;
    }

    private static string Storm(string device, int number, int ranges)
    {
        IEnumerable<string> each = Enumerable.Range(number * ranges, ranges)
            .Select(at => $$"""{"offset": {{at * 8192L}}, "length": 512}""");
        return $$"""
            {"key": "storm {{number}}", "source": "test", "device": {{JsonSerializer.Serialize(device)}},
             "basis": "list", "ranges": [{{string.Join(',', each)}}]}
            """;
    }

    private static async Task UntilAsync(Func<bool> holds, string otherwise)
    {
        for (DateTime end = DateTime.UtcNow + Patience; !holds(); await Task.Delay(50))
        {
            Assert.True(DateTime.UtcNow < end, otherwise);
        }
    }
}
