// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Holdfast.Core.Ledger;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>Feeds: pages, acknowledgements, events that go on where they were (C11).</summary>
public sealed class StreamTests
{
    /// <summary>C1, C11: events follow their place in the ledger, over a kill of the daemon too.</summary>
    [Fact]
    public async Task Events_go_on_behind_the_last_id_also_with_another_daemon()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        using (EventReader events = await daemon.Api.ListenAsync("/v1/parties/db/notices"))
        {
            await daemon.Api.ReportAsync("a", place.Image("disk.img"), 0);
            await daemon.Api.ReportAsync("b", place.Image("disk.img"), 1 << 20);
            Assert.Equal((1L, 0L), PlaceOf(await events.NextAsync()));
            Assert.Equal((2L, 1L << 20), PlaceOf(await events.NextAsync()));
        }

        await daemon.KillAsync();
        using DaemonProcess next = await DaemonProcess.StartAsync(place);
        await next.Api.ReportAsync("c", place.Image("disk.img"), 2 << 20);
        using EventReader again = await next.Api.ListenAsync("/v1/parties/db/notices", last: 1);
        Assert.Equal((2L, 1L << 20), PlaceOf(await again.NextAsync()));
        Assert.Equal((3L, 2L << 20), PlaceOf(await again.NextAsync()));
    }

    /// <summary>A page is from the cursor on; what is acknowledged does not come again.</summary>
    [Fact]
    public async Task What_is_acknowledged_does_not_come_again()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        await daemon.Api.ReportAsync("a", place.Image("disk.img"), 0);
        await daemon.Api.ReportAsync("b", place.Image("disk.img"), 1 << 20);
        using EventReader events = await daemon.Api.ListenAsync("/v1/parties/db/notices");
        await events.NextAsync();
        await events.NextAsync();
        await daemon.Api.DoAsync("POST", "/v1/parties/db/notices/ack", """{"through": 1}""");
        JsonElement page = await daemon.Api.DoAsync("GET", "/v1/parties/db/notices");
        Assert.Equal(2, Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("seq").GetInt64());
        Assert.Equal(2, page.GetProperty("next").GetInt64());
    }

    /// <summary>Whoever listens does not keep the daemon from stopping, and hears the end.</summary>
    [Fact]
    public async Task A_listener_does_not_hold_up_the_daemons_end()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        using EventReader events = await daemon.Api.ListenAsync("/v1/parties/db/notices");
        Task<(long? Id, JsonElement Data)?> next = events.NextAsync();
        (int status, string errors) = await daemon.TerminateAsync();
        Assert.Equal(0, status);
        Assert.DoesNotContain("Exception", errors);
        Assert.Null(await next);
    }

    /// <summary>A reader that hears nothing for long could not tell a quiet daemon from a dead one.</summary>
    [Fact]
    public async Task A_quiet_feed_says_that_somebody_is_here()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        await using NetworkStream stream = await daemon.Api.ConnectAsync(CancellationToken.None);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /v1/parties/db/notices HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var lines = new StreamReader(stream);
        int comments = 0;
        while (comments < 2)
        {
            string line = await lines.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException();
            if (line.StartsWith(':')) comments++;
            Assert.DoesNotContain("data:", line);
        }
    }

    /// <summary>C11: who was away for longer than notices are kept is told so, and by how much.</summary>
    [Fact]
    public async Task A_place_that_was_forgotten_is_410_for_pages_and_events()
    {
        using var place = new DaemonPlace();
        string disk = place.Image("disk.img");
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            string id = await daemon.Api.ReportAsync("a", disk, 0);
            await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/clear", """{"how": "restored"}""");
            await daemon.Api.DoAsync("POST", "/v1/reports", $$"""
                {"key": "scan", "source": "test", "device": {{JsonSerializer.Serialize(disk)}}, "basis": "list",
                 "complete": true, "ranges": []}
                """);
            await daemon.TerminateAsync();
        }

        await using (FailureLedger ledger = FailureLedger.Open(place.Ledger, new Ahead(TimeSpan.FromDays(100))))
        {
            RetentionStep step = await Retention.RunAsync(ledger, TimeSpan.FromDays(30), CancellationToken.None);
            Assert.Equal(1, step.Failures);
        }

        using DaemonProcess next = await DaemonProcess.StartAsync(place);
        await next.Api.DoAsync("PUT", "/v1/parties/db", "{}");
        Answer page = await next.Api.SendAsync("GET", "/v1/parties/db/notices?after=0");
        Assert.Equal((410, "trimmed"), (page.Status, page.Code));
        string events = await next.Api.RawAsync(Encoding.ASCII.GetBytes(
            "GET /v1/parties/db/notices?after=0 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            + "Accept: text/event-stream\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 410", events);
        Assert.Contains("\"code\":\"trimmed\"", events);
        // From where it stands it goes on.
        await next.Api.ReportAsync("b", disk, 1 << 20);
        JsonElement now = await next.Api.DoAsync("GET", "/v1/parties/db/notices");
        Assert.Single(now.GetProperty("items").EnumerateArray());
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private static (long? Id, long Offset) PlaceOf((long? Id, JsonElement Data)? at) =>
        (at!.Value.Id, at.Value.Data.GetProperty("ranges")[0].GetProperty("offset").GetInt64());
}
