// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Microsoft.Data.Sqlite;

namespace Holdfast.Daemon.Tests;

/// <summary>The daemon forgets what its configuration lets it forget, and nothing that is open.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task What_was_settled_long_ago_goes_and_what_is_open_or_still_bad_stays()
    {
        using var place = new DaemonPlace(""", "retention": {"days": 7}""");
        string disk = place.Image("disk.img");
        string open;
        string bad;
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            open = await daemon.Api.ReportAsync("a", disk, 0);
            bad = await daemon.Api.ReportAsync("b", disk, 16384);
            string well = await daemon.Api.ReportAsync("c", disk, 32768);
            foreach (string id in (string[])[bad, well])
            {
                await daemon.Api.DoAsync("POST", $"/v1/failures/{id}/clear", """{"how": "restored"}""");
            }

            // A finished scan that still finds the first two.
            await daemon.Api.DoAsync("POST", "/v1/reports", $$"""
                {"key": "d", "source": "scan", "device": {{JsonSerializer.Serialize(disk)}}, "basis": "list",
                 "complete": true,
                 "ranges": [{"offset": 0, "length": 4096}, {"offset": 16384, "length": 4096}]}
                """);
            Assert.Equal(3, (await ListedAsync(daemon)).Length);
            Assert.Equal(0, (await daemon.TerminateAsync()).Status);
        }

        // Six days are not enough, eight are.
        MakeOlder(place.Ledger, TimeSpan.FromDays(6));
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(3, (await ListedAsync(daemon)).Length);
            Assert.Equal(0, (await daemon.TerminateAsync()).Status);
        }

        MakeOlder(place.Ledger, TimeSpan.FromDays(2));
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            for (DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(30); (await ListedAsync(daemon)).Length == 3;)
            {
                Assert.True(DateTime.UtcNow < end, "nothing was forgotten");
                await Task.Delay(50);
            }

            Assert.Equal([open, bad], await ListedAsync(daemon));
        }
    }

    private static async Task<string[]> ListedAsync(DaemonProcess daemon)
    {
        JsonElement page = await daemon.Api.DoAsync("GET", "/v1/failures?state=all");
        return [.. page.GetProperty("items").EnumerateArray().Select(at => at.GetProperty("id").GetString()!)];
    }

    private static void MakeOlder(string ledger, TimeSpan by)
    {
        using var connection = new SqliteConnection($"Data Source={ledger};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        long microseconds = (long)by.TotalMicroseconds;
        command.CommandText =
            $"""
            UPDATE failures SET first_seen = first_seen - {microseconds}, last_seen = last_seen - {microseconds};
            UPDATE history SET time = time - {microseconds};
            UPDATE reports SET time = time - {microseconds};
            """;
        Assert.True(command.ExecuteNonQuery() > 0);
    }
}
