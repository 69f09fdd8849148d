// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>C2, C7: an acknowledgement counts for who was told, and what does not count is answered so.</summary>
public sealed class AcknowledgementTests
{
    private const string Ours = "11111111-2222-3333-4444-555555555555";
    private const string Next = "66666666-7777-8888-9999-aaaaaaaaaaaa";

    [Fact]
    public async Task A_holder_acknowledges_what_its_filesystem_was_told_and_nothing_else()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/holders/fs", Claim(place.Image("disk.img"), Ours));
        await daemon.Api.ReportAsync("a", place.Image("disk.img"), 4096);
        long told = await ToldAsync(daemon, "fs");
        Assert.Equal("not_found", (await AckAsync(daemon, "fs", told + 100)).Code);
        Assert.Equal("not_found", (await AckAsync(daemon, "nobody", told)).Code);
        Assert.Equal(1, (await FeedAsync(daemon, "fs")).GetArrayLength());
        Assert.Equal(204, (await AckAsync(daemon, "fs", told)).Status);
        Assert.Equal(0, (await FeedAsync(daemon, "fs")).GetArrayLength());

        // Another filesystem takes the name: what comes late from the one before it moves nothing.
        await daemon.Api.DoAsync("DELETE", "/v1/holders/fs");
        await daemon.Api.DoAsync("PUT", "/v1/holders/fs", Claim(place.Image("other.img"), Next));
        await daemon.Api.ReportAsync("b", place.Image("other.img"), 4096);
        long later = await ToldAsync(daemon, "fs");
        Assert.True(later > told);
        Assert.Equal("not_found", (await AckAsync(daemon, "fs", told)).Code);
        Assert.Equal(1, (await FeedAsync(daemon, "fs")).GetArrayLength());
    }

    private static Task<Answer> AckAsync(DaemonProcess daemon, string name, long through) =>
        daemon.Api.SendAsync("POST", $"/v1/parties/{name}/notices/ack", $$"""{"through": {{through}}}""");

    private static async Task<JsonElement> FeedAsync(DaemonProcess daemon, string name) =>
        (await daemon.Api.DoAsync("GET", $"/v1/parties/{name}/notices")).GetProperty("items");

    /// <summary>The place of the first notice of its feed, when it is there.</summary>
    private static async Task<long> ToldAsync(DaemonProcess daemon, string name)
    {
        for (DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(30); ; await Task.Delay(50))
        {
            JsonElement feed = await FeedAsync(daemon, name);
            if (feed.GetArrayLength() > 0) return feed[0].GetProperty("seq").GetInt64();
            Assert.True(DateTime.UtcNow < end, "the holder was told nothing");
        }
    }

    private static string Claim(string device, string uuid) =>
        RouteTests.Claim(device, "live").Replace(Ours, uuid, StringComparison.Ordinal);
}
