// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
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

    private static (long? Id, long Offset) PlaceOf((long? Id, JsonElement Data)? at) =>
        (at!.Value.Id, at.Value.Data.GetProperty("ranges")[0].GetProperty("offset").GetInt64());
}
