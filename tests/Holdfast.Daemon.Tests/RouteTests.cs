// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Api;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>Every route, as the contract has it.</summary>
public sealed class RouteTests
{
    /// <summary>C1, C5: reported, confirmed, taken care of, settled; every step is in the failure's history.</summary>
    [Fact]
    public async Task A_failure_from_its_report_to_its_end()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string disk = place.Image("disk.img");
        string id = await daemon.Api.ReportAsync("a", disk, 8192);
        string report = Running.Api.ReportJson("a", disk, 8192, 4096);
        JsonElement again = await daemon.Api.DoAsync("POST", "/v1/reports", report);
        Assert.True(again.GetProperty("duplicate").GetBoolean());

        JsonElement listed = (await daemon.Api.DoAsync("GET", $"/v1/failures?device={disk}")).GetProperty("items")[0];
        Assert.Equal((id, 8192L, 4096L), (Text(listed, "id"), Number(listed, "offset"), Number(listed, "length")));
        Assert.Equal(["suspect", "unknown", "media"], Texts(listed, "medium", "content", "kind"));
        Assert.Equal(disk, Text(listed.GetProperty("device"), "name"));
        Assert.Equal(Environment.MachineName, Text(listed, "host"));

        await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/confirm", """{"note": "read it"}""");
        await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/ack", """{"owner": "ann", "note": "mine"}""");
        JsonElement after = await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/clear", """{"how": "restored"}""");
        JsonElement detail = await daemon.Api.DoAsync("GET", $"/v1/failures/{id}");
        JsonElement failure = detail.GetProperty("failure");
        Assert.Equal(["confirmed", "restored", "ann"], Texts(failure, "medium", "content", "owner"));
        Assert.Equal(Number(after, "revision"), Number(failure, "revision"));
        Assert.True(detail.GetProperty("history").GetArrayLength() >= 4);
        Assert.Equal(0, (await daemon.Api.DoAsync("GET", "/v1/failures")).GetProperty("items").GetArrayLength());
        JsonElement closed = await daemon.Api.DoAsync("GET", "/v1/failures?state=closed");
        Assert.Equal(1, closed.GetProperty("items").GetArrayLength());
        JsonElement device = (await daemon.Api.DoAsync("GET", "/v1/devices")).GetProperty("items")[0];
        Assert.Equal((disk, disk), (Text(device.GetProperty("device"), "name"), Text(device, "name_now")));
    }

    /// <summary>C2, C4, C6: a holder claims, goes forward, is renewed and released.</summary>
    [Fact]
    public async Task A_holder_from_its_claim_to_its_release()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string disk = place.Image("disk.img");
        JsonElement claimed = await daemon.Api.DoAsync("PUT", "/v1/holders/fs", Claim(disk, "claimed"));
        long epoch = Number(claimed, "epoch");
        Assert.Equal(("claimed", "defer"), (Text(claimed, "state"), Text(claimed, "decision")));
        Assert.Equal(64 << 20, Number(claimed.GetProperty("ranges")[0], "length"));
        await daemon.Api.ReportAsync("a", disk, 4096);
        JsonElement listed = (await daemon.Api.DoAsync("GET", "/v1/holders")).GetProperty("items")[0];
        Assert.Equal(1, Number(listed, "waiting"));
        Assert.Equal("held_by", (await daemon.Api.SendAsync("PUT", "/v1/holders/other", Claim(disk, "claimed"))).Code);
        Assert.Equal("stale_epoch", (await daemon.Api.SendAsync(
            "PUT", "/v1/holders/fs", Claim(disk, "claimed", epoch + 1))).Code);
        await daemon.Api.DoAsync("PUT", "/v1/holders/fs", Claim(disk, "structures_ready", epoch));
        Assert.Equal("state_order", (await daemon.Api.SendAsync(
            "PUT", "/v1/holders/fs", Claim(disk, "claimed", epoch))).Code);
        await daemon.Api.DoAsync("DELETE", $"/v1/holders/fs?epoch={epoch}");
        await daemon.Api.DoAsync("DELETE", "/v1/holders/fs");
        Assert.Equal("lease_ended", (await daemon.Api.SendAsync(
            "PUT", "/v1/holders/fs", Claim(disk, "live", epoch))).Code);

        JsonElement copy = await daemon.Api.DoAsync("PUT", "/v1/holders/copy", Claim(place.Image("copy.img"), "live"));
        string candidate = $"/v1/instances/{Number(copy, "instance")}";
        Assert.True(copy.TryGetProperty("candidate_of", out _));
        await daemon.Api.DoAsync("POST", candidate + "/copied");
        Assert.Equal("not_found", (await daemon.Api.SendAsync("POST", candidate + "/moved")).Code);
    }

    /// <summary>Parties, silences, disarm, replay, explain and status.</summary>
    [Fact]
    public async Task What_an_administrator_has_besides()
    {
        using var place = new DaemonPlace(
            """
            , "parties": [{"name": "oncall"}], "rules": [{"name": "all", "when": {"party": "oncall"}, "do": "log"}]
            """);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string id = await daemon.Api.ReportAsync("a", place.Image("disk.img"), 0);
        JsonElement why = await daemon.Api.DoAsync("GET", $"/v1/failures/{id}/explain");
        Assert.Equal(["oncall", "all"], Texts(why.GetProperty("parties")[0], "party", "rule"));
        JsonElement party = await daemon.Api.DoAsync(
            "PUT", "/v1/parties/me", """{"filter": {"path": "/a\nb"}, "expire_days": 3}""");
        Assert.Equal(("subscriber", "/a\nb"), (Text(party, "kind"), Text(party.GetProperty("filter"), "path")));
        Assert.Equal(2, (await daemon.Api.DoAsync("GET", "/v1/parties")).GetProperty("items").GetArrayLength());
        Assert.Equal("configured", (await daemon.Api.SendAsync("PUT", "/v1/parties/oncall", "{}")).Code);
        Assert.Equal("configured", (await daemon.Api.SendAsync("DELETE", "/v1/parties/oncall")).Code);
        await daemon.Api.DoAsync("DELETE", "/v1/parties/me");
        await daemon.Api.DoAsync(
            "PUT", "/v1/silences/night", """{"until": "2100-01-01T00:00:00Z", "note": "asleep"}""");
        JsonElement silence = (await daemon.Api.DoAsync("GET", "/v1/silences")).GetProperty("items")[0];
        Assert.Equal(["night", "user:0", "asleep"], Texts(silence, "name", "owner", "note"));
        await daemon.Api.DoAsync("DELETE", "/v1/silences/night");
        await daemon.Api.DoAsync("POST", "/v1/disarm", """{"note": "stop"}""");
        JsonElement status = await daemon.Api.DoAsync("GET", "/v1/status");
        Assert.True(status.GetProperty("disarmed").GetBoolean());
        Assert.Equal((1L, 4096L), (Number(status, "open_failures"), Number(status, "open_bytes")));
        Assert.Equal(0, Number(await daemon.Api.DoAsync("POST", "/v1/replay", "{}"), "requeued"));
        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
        Assert.Equal(200, (await daemon.Api.SendAsync("GET", "/readyz")).Status);
        string metrics = (await daemon.Api.SendAsync("GET", "/metrics")).Text;
        Assert.Contains("\n# TYPE holdfast_failures_open gauge\nholdfast_failures_open 1\n", metrics);
        Assert.Contains("\nholdfast_reports_total 1\n", "\n" + metrics);
    }

    /// <summary>The document has every route, and every reference in it leads somewhere.</summary>
    [Fact]
    public async Task The_open_api_document_is_whole()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        Answer answer = await daemon.Api.SendAsync("GET", "/openapi/v1.json");
        JsonElement paths = answer.Json.GetProperty("paths");
        foreach (Route route in RouteTable.All)
        {
            Assert.True(paths.GetProperty(route.Path).TryGetProperty(Method(route.Method), out _), route.Path);
        }

        JsonElement ranges = answer.Json.GetProperty("components").GetProperty("schemas").GetProperty("ReportRequest")
            .GetProperty("properties").GetProperty("ranges");
        Assert.Contains("array", ranges.GetProperty("type").ToString());
        Assert.All(
            answer.Text.Split("\"$ref\":\"").Skip(1).Select(part => part.Split('"')[0]),
            place => Assert.NotEqual(JsonValueKind.Undefined, At(answer.Json, place).ValueKind));
    }

    private static string Method(string name) => name switch
    {
        "GET" => "get", "PUT" => "put", "POST" => "post", _ => "delete",
    };

    private static JsonElement At(JsonElement root, string place)
    {
        foreach (string part in place.Split('/').Skip(1))
        {
            string name = part.Replace("~1", "/").Replace("~0", "~");
            root = root.ValueKind == JsonValueKind.Array ? root[int.Parse(name)]
                : root.TryGetProperty(name, out JsonElement inner) ? inner
                : default;
        }

        return root;
    }

    internal static string Claim(string device, string state, long? epoch = null) => $$"""
        {"ranges": [{"device": "{{device}}", "role": "data", "offset": 0, "length": 0}], "state": "{{state}}",
         "fs": {"type": "xfs", "uuid": "11111111-2222-3333-4444-555555555555"}, "lease_s": 600
         {{(epoch is null ? "" : $", \"epoch\": {epoch}")}}}
        """;

    private static IEnumerable<string?> Texts(JsonElement at, params string[] names) =>
        names.Select(name => Text(at, name));

    private static string? Text(JsonElement at, string name) => at.GetProperty(name).GetString();

    private static long Number(JsonElement at, string name) => at.GetProperty(name).GetInt64();
}
