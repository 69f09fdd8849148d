// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>What no honest caller sends: each is answered by a code, and the daemon stays well.</summary>
public sealed class HostileTests
{
    [Fact]
    public async Task Every_wrong_request_has_its_code()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string disk = place.Image("disk.img");
        string id = await daemon.Api.ReportAsync("a", disk, 0);
        await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/clear", """{"how": "dismissed"}""");
        // A finished scan finds the medium well again: nothing is left to be settled.
        string scan = Report(disk, "").Replace("\"many\"", "\"scan\", \"complete\": true");
        await daemon.Api.DoAsync("POST", "/v1/reports", scan);
        string many = string.Join(',', Enumerable.Range(0, 10_001).Select(at => $$"""{"offset":{{at}},"length":1}"""));
        (string Code, string Method, string Path, string? Body)[] wrong =
        [
            ("not_found", "GET", "/v1/nothing", null),
            ("method_not_allowed", "DELETE", "/v1/reports", null),
            ("not_found", "GET", "/v1/failures/00000000-0000-7000-8000-000000000000", null),
            ("bad_request", "GET", "/v1/failures/17", null),
            ("bad_request", "GET", "/v1/failures?state=odd", null),
            ("bad_request", "GET", "/v1/failures?limit=-1", null),
            ("not_found", "GET", "/v1/parties/nobody/notices", null),
            ("bad_request", "PUT", "/v1/parties/a%0ab", "{}"),
            ("bad_request", "PUT", "/v1/parties/p", """{"filter": {"path_base64": "!"}}"""),
            ("bad_request", "PUT", "/v1/parties/p", """{"expire_days": 0}"""),
            ("settled", "POST", $"/v1/failures/{id}/clear", """{"how": "dismissed"}"""),
            ("bad_request", "POST", $"/v1/failures/{id}/clear", """{"how": "somehow"}"""),
            ("unknown_device", "POST", "/v1/reports", Running.Api.ReportJson("b", "/dev/nothing", 0, 1)),
            ("bad_request", "POST", "/v1/reports", Running.Api.ReportJson("b", disk, -1, 1)),
            ("bad_request", "POST", "/v1/reports", Running.Api.ReportJson("b", disk, long.MaxValue, 1)),
            ("bad_request", "POST", "/v1/reports", Running.Api.ReportJson("b", disk, 0, 0)),
            ("bad_request", "POST", "/v1/reports", Running.Api.ReportJson("", disk, 0, 1)),
            ("bad_request", "POST", "/v1/reports", "{}"),
            ("bad_request", "POST", "/v1/reports", "null"),
            ("bad_request", "POST", "/v1/reports", "{"),
            ("bad_request", "POST", "/v1/reports", new string('[', 5000)),
            ("bad_request", "POST", "/v1/reports", """{"key": "\ud800"}"""),
            ("bad_request", "POST", "/v1/disarm", """{"disarm": true}"""),
            ("bad_request", "PUT", "/v1/holders/fs", RouteTests.Claim(disk, "asleep")),
            ("too_large", "POST", "/v1/reports", new string(' ', 3 << 20)),
            ("too_large", "POST", "/v1/reports", Report(disk, many)),
        ];
        foreach ((string code, string method, string path, string? body) in wrong)
        {
            Answer answer = await daemon.Api.SendAsync(method, path, body);
            Assert.Equal((code, path), (answer.Code, path));
            Assert.Equal(answer.Status, answer.Json.GetProperty("status").GetInt32());
        }

        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        byte[] body = [.. "{\"key\": \""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8];
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /v1/reports HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n");
        Assert.Contains("\"code\":\"bad_request\"", await daemon.Api.RawAsync([.. head, .. body]));
        Assert.StartsWith("HTTP/1.1 400", await daemon.Api.RawAsync([0, 1, 0xFF, 0xFE, .. "\r\n\r\n"u8]));
        string longHead = "GET /healthz HTTP/1.1\r\nHost: h\r\nX: " + new string('x', 40_000) + "\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 431", await daemon.Api.RawAsync(Encoding.ASCII.GetBytes(longHead)));
        Assert.Equal("ok\n", (await daemon.Api.SendAsync("GET", "/healthz")).Text);
    }

    /// <summary>Names come back as they were, escaped in JSON; nothing of them reaches the log as it is.</summary>
    [Fact]
    public async Task Names_with_control_characters_damage_neither_json_nor_the_log()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string odd = place.Image("a\nb\u001b[31m\u202e\"disk.img");
        string id = await daemon.Api.ReportAsync("a", odd, 0);
        Answer answer = await daemon.Api.SendAsync("GET", $"/v1/failures/{id}");
        Assert.Equal(odd, answer.Json.GetProperty("failure").GetProperty("device").GetProperty("name").GetString());
        Assert.DoesNotContain(answer.Text, char.IsControl);
        (int status, string errors) = await daemon.TerminateAsync();
        Assert.Equal(0, status);
        Assert.DoesNotContain('\u001b', errors);
    }

    private static string Report(string device, string ranges) => $$"""
        {"key": "many", "source": "test", "device": {{JsonSerializer.Serialize(device)}}, "basis": "list",
         "ranges": [{{ranges}}]}
        """;
}
