// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client.Tests;

/// <summary>
/// As much of a daemon as a subscription meets, at a socket of its own, with the faults that a test wants: it can end a
/// feed, answer nonsense, say nothing.
/// </summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ConcurrentQueue<long> _acknowledged = new();

    private FakeDaemon(WebApplication web) => _web = web;

    /// <summary>"PUT /v1/parties/store", … in the order in which they came.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public IReadOnlyList<long> Acknowledged => [.. _acknowledged];

    public PartyRequest? Registered { get; private set; }

    /// <summary>What one connection of the feed sends, from a place on; it ends when this returns.</summary>
    public Func<long?, FeedWriter, CancellationToken, Task> Feed { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>Answers everything else, where a test wants another answer than "done".</summary>
    public Func<HttpContext, Task<bool>> Answer { get; set; } = _ => Task.FromResult(false);

    public static async Task<FakeDaemon> StartAsync(string socket)
    {
        File.Delete(socket);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        WebApplication web = builder.Build();
        var daemon = new FakeDaemon(web);
        web.Run(daemon.ServeAsync);
        await web.StartAsync();
        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _web.StopAsync(now.Token);
        await _web.DisposeAsync();
    }

    /// <summary>A notice with one hit on one file.</summary>
    public static NoticeJson Notice(long seq, string path, long offset, long length, bool complete = true) =>
        NoticeOf(seq, complete, $$"""
            [{"owner":"inode","inode":131,"fork":"data","physical":65536,"length":{{length}},"file_offset":{{offset}},
              "severity":"file_data","paths":["{{path}}"]}]
            """);

    public static NoticeJson NoticeOf(long seq, bool complete, string? impacts, string content = "lost") => new()
    {
        Key = $"key-{seq}",
        Seq = seq,
        PreviousSeq = seq - 1,
        Failure = Guid.Empty,
        Revision = 1,
        Cause = "reported",
        State = "published",
        Time = DateTimeOffset.UnixEpoch,
        Device = new("wwn-1", "/dev/sdb", true, null),
        Ranges = [new(65536, 4096)],
        Kind = "media",
        Medium = "confirmed",
        Content = content,
        Complete = complete,
        Gap = complete ? null : "the filesystem is not live",
        Impacts = impacts is null ? null : JsonDocument.Parse(impacts).RootElement,
    };

    private async Task ServeAsync(HttpContext http)
    {
        _asked.Enqueue($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
        if (await Answer(http)) return;
        string path = http.Request.Path;
        if (path.EndsWith("/ack", StringComparison.Ordinal))
        {
            _acknowledged.Enqueue((await BodyAsync(http, RequestJson.Default.AckRequest)).Through);
        }
        else if (path.EndsWith("/notices", StringComparison.Ordinal))
        {
            string after = http.Request.Query["after"].ToString();
            http.Response.ContentType = "text/event-stream";
            await http.Response.Body.FlushAsync();
            await Feed(
                after.Length == 0 ? null : long.Parse(after, CultureInfo.InvariantCulture),
                new FeedWriter(http.Response), http.RequestAborted);
        }
        else if (http.Request.Method == "PUT")
        {
            Registered = await BodyAsync(http, RequestJson.Default.PartyRequest);
            await http.Response.WriteAsync(
                """
                {"name":"store","kind":"subscriber","filter":{},"cursor":0,"behind":0,
                 "last_seen":"2026-01-01T00:00:00Z"}
                """);
        }
    }

    private static async Task<T> BodyAsync<T>(
        HttpContext http, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        (await JsonSerializer.DeserializeAsync(http.Request.Body, type))!;
}

/// <summary>Writes one connection's events.</summary>
internal sealed class FeedWriter(HttpResponse response)
{
    public Task WriteAsync(NoticeJson notice) => WriteAsync(
        $"id: {notice.Seq}\nevent: notice\ndata: "
        + JsonSerializer.Serialize(notice, ContractJson.Default.NoticeJson) + "\n\n");

    /// <summary>Anything, as it is.</summary>
    public async Task WriteAsync(string text)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await response.Body.FlushAsync();
    }
}
