// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Examples;

/// <summary>
/// Goal: the commands of docs/subscribing.md for programs without .NET do what they are there for.
/// Method: each is run as it is written there, but for the place of the socket and the number of the notice.
/// </summary>
public sealed partial class SubscribingByHandTests
{
    [Fact]
    public async Task Register_listen_and_acknowledge_with_curl()
    {
        using var place = new DaemonPlace();
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        string[] commands = Commands(place.Socket);
        Assert.Equal(3, commands.Length);
        JsonElement party = JsonDocument.Parse(Shell(commands[0]).Text).RootElement;
        Assert.Equal("srv/db", party.GetProperty("filter").GetProperty("path").GetString());

        // There is no filesystem on it: what is lost may be anybody's, so who asks for any file is told.
        await daemon.Api.DoAsync("PUT", "/v1/holders/fs", RouteTests.Claim(place.Image("disk.img"), "live"));
        await daemon.Api.ReportAsync("a", place.Image("disk.img"), 4096);
        string stream = Shell($"timeout 3 {commands[1]}; true").Text;
        Match told = Place().Match(stream);
        Assert.True(told.Success, stream);
        JsonElement notice = JsonDocument.Parse(told.Groups[2].Value).RootElement;
        Assert.Equal(told.Groups[1].Value, $"{notice.GetProperty("seq").GetInt64()}");

        Assert.Equal(1, await BehindAsync(daemon));
        string through = $"\"through\":{told.Groups[1].Value}";
        Assert.Equal("", Shell(commands[2].Replace("\"through\":17", through, StringComparison.Ordinal)).Text);
        Assert.Equal(0, await BehindAsync(daemon));
    }

    private static string[] Commands(string socket)
    {
        string text = File.ReadAllText(Checkout.PathOf("docs/subscribing.md"));
        string block = Block().Match(text).Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal);
        return [.. block.Split('\n').Select(
            line => line.Replace("/run/holdfast/holdfast.sock", socket, StringComparison.Ordinal))];
    }

    private static ProgramRun Shell(string command)
    {
        ProgramRun run = ProgramRun.Start("bash", null, "-c", command);
        Assert.True(run.ExitStatus == 0, $"{command}: {run.ExitStatus} {run.Errors}");
        return run;
    }

    private static async Task<long> BehindAsync(DaemonProcess daemon)
    {
        JsonElement parties = await daemon.Api.DoAsync("GET", "/v1/parties");
        return parties.GetProperty("items")[0].GetProperty("behind").GetInt64();
    }

    [GeneratedRegex("```sh\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"id: (\d+)\n(?:event: .*\n)?data: (.*)\n")]
    private static partial Regex Place();
}
