// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;

namespace Holdfast.Daemon.Tests.Running;

/// <summary>Waits for what a daemon comes to by itself.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The notice of that number in the feed, once it is there.</summary>
    internal static async Task<JsonElement> NoticeAsync(Api api, int index)
    {
        JsonElement items = default;
        await TrueAsync(async () =>
        {
            items = (await api.DoAsync("GET", "/v1/parties/me/notices")).GetProperty("items");
            return items.GetArrayLength() > index;
        });
        return items[index];
    }

    /// <param name="state">Null: there is no such holder.</param>
    internal static Task HolderIsAsync(Api api, string name, string? state) => TrueAsync(async () =>
    {
        JsonElement holders = (await api.DoAsync("GET", "/v1/holders")).GetProperty("items");
        string? now = holders.EnumerateArray().Where(at => at.GetProperty("name").GetString() == name)
            .Select(at => at.GetProperty("state").GetString()).FirstOrDefault();
        return now == state;
    });

    internal static Task WaitingAsync(Api api, long count) => TrueAsync(async () =>
        (await api.DoAsync("GET", "/v1/status")).GetProperty("waiting").GetInt64() == count);

    internal static async Task TrueAsync(Func<Task<bool>> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < Patience, "it did not come to that");
            await Task.Delay(50);
        }
    }
}
