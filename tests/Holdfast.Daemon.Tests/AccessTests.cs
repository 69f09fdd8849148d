// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests;

/// <summary>C14, and the contract's roles: who comes in, and what a member of the group may not do.</summary>
public sealed class AccessTests
{
    /// <summary>Debian's and everybody's group 1: nobody's main group here.</summary>
    private const string Group = "daemon";

    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    [RootFact(Needs.Root, "setpriv", "curl")]
    public async Task Another_user_is_refused_at_the_socket_and_behind_it()
    {
        using var place = new DaemonPlace(group: Group);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Path.GetDirectoryName(place.Socket)!));
        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(place.Socket));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(place.PathOf("state/ledger.db")));
        const int couldNotConnect = 7;
        Assert.Equal(couldNotConnect, Curl(place, isMember: false, "GET", "/v1/status", null).ExitStatus);
        Assert.Contains("holdfast_refused_connections_total 0\n", (await daemon.Api.SendAsync("GET", "/metrics")).Text);

        // Somebody has opened the door by mistake: the check behind it holds.
        File.SetUnixFileMode(Path.GetDirectoryName(place.Socket)!, Everybody);
        File.SetUnixFileMode(place.Socket, Everybody);
        ProgramRun run = Curl(place, isMember: false, "GET", "/v1/status", null);
        Assert.NotEqual(0, run.ExitStatus);
        Assert.Equal("", run.Text);
        Assert.Contains("holdfast_refused_connections_total 1\n", (await daemon.Api.SendAsync("GET", "/metrics")).Text);
    }

    [RootFact(Needs.Root, "setpriv", "curl")]
    public async Task A_member_reads_and_reports_but_does_not_act()
    {
        using var place = new DaemonPlace(group: Group);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string disk = place.Image("disk.img");
        string id = await daemon.Api.ReportAsync("a", disk, 0);
        Assert.EndsWith("\n200", Curl(place, true, "GET", "/v1/status", null).Text);
        string report = Running.Api.ReportJson("b", disk, 8192, 512);
        Assert.EndsWith("\n202", Curl(place, true, "POST", "/v1/reports", report).Text);
        Assert.EndsWith("\n200", Curl(place, true, "PUT", "/v1/parties/me", "{}").Text);
        foreach ((string method, string path, string? body) in Roots(id, disk))
        {
            string text = Curl(place, true, method, path, body).Text;
            Assert.EndsWith("\n403", text);
            Assert.Contains("\"code\":\"forbidden\"", text);
        }

        JsonElement detail = await daemon.Api.DoAsync("GET", $"/v1/failures/{id}");
        Assert.Equal("suspect", detail.GetProperty("failure").GetProperty("medium").GetString());
    }

    /// <summary>The daemon sees every file: it must not tell a member which there are.</summary>
    [RootFact(Needs.Root, "setpriv", "curl")]
    public async Task A_member_cannot_ask_whether_a_file_is_there()
    {
        using var place = new DaemonPlace(group: Group);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string hidden = place.Image("hidden.img");
        foreach (string name in (string[])[hidden, $"/dev/..{hidden}", $"../{hidden}", hidden + ".not"])
        {
            string text = Curl(place, true, "POST", "/v1/reports", Running.Api.ReportJson("k", name, 0, 512)).Text;
            Assert.EndsWith("\n409", text);
            Assert.Contains("\"code\":\"unknown_device\"", text);
        }
    }

    private static IEnumerable<(string Method, string Path, string? Body)> Roots(string id, string disk)
    {
        yield return ("POST", $"/v1/failures/{id}/confirm", "{}");
        yield return ("POST", $"/v1/failures/{id}/clear", """{"how": "dismissed"}""");
        yield return ("PUT", "/v1/holders/fs", RouteTests.Claim(disk, "claimed"));
        yield return ("DELETE", "/v1/holders/fs", null);
        yield return ("POST", "/v1/instances/1/moved", null);
        yield return ("POST", "/v1/instances/1/copied", null);
        yield return ("POST", "/v1/replay", "{}");
        yield return ("POST", "/v1/disarm", "{}");
        yield return ("PUT", "/v1/silences/s", """{"until": "2100-01-01T00:00:00Z"}""");
        yield return ("DELETE", "/v1/silences/s", null);
    }

    /// <summary>Asks as nobody, in the group or in none; the status stands on the last line.</summary>
    private static ProgramRun Curl(DaemonPlace place, bool isMember, string method, string path, string? body)
    {
        string[] groups = isMember ? ["--groups", Group] : ["--clear-groups"];
        string[] data = body is null ? [] : ["-H", "content-type: application/json", "-d", body];
        return ProgramRun.Start(
            "setpriv", null,
            [
                "--reuid", "65534", "--regid", "65534", .. groups, "curl", "-s", "-m", "30", "-w", "\n%{http_code}",
                "-o", isMember ? "-" : "/dev/null", "--unix-socket", place.Socket, "-X", method, .. data,
                .. isMember ? Array.Empty<string>() : ["-w", ""], $"http://holdfast{path}",
            ]);
    }
}
