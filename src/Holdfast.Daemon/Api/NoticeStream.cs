// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Holdfast.Contract;
using Holdfast.Core.Delivery;

namespace Holdfast.Daemon.Api;

/// <summary>
/// A feed as server-sent events, resumable out of the ledger: each event's id is its place. Nothing is kept for a slow
/// reader; it is read on from the ledger when the reader is ready (C11).
/// </summary>
internal static class NoticeStream
{
    private const int PageSize = 200;
    private const int UndurableMax = 256;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    internal static async Task RunAsync(Call call, PartyFeed feed)
    {
        long after = Resume(call) ?? feed.Cursor;
        // What was trimmed is told as a problem, as long as nothing is sent.
        FeedPage page = await feed.PageAsync(after, PageSize, call.Aborted);
        call.Http.Response.ContentType = "text/event-stream";
        call.Http.Response.Headers.CacheControl = "no-store";
        Channel<FeedItem> undurable = Channel.CreateBounded<FeedItem>(
            new BoundedChannelOptions(UndurableMax) { FullMode = BoundedChannelFullMode.DropOldest });
        void Hear(FeedItem item)
        {
            if (feed.Party is not null) undurable.Writer.TryWrite(item);
        }

        feed.Notifier.Undurable += Hear;
        try
        {
            await FollowAsync(call, feed, page, after, undurable.Reader);
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            // The reader went away, or the daemon stops: both resume by the last id.
        }
        finally
        {
            feed.Notifier.Undurable -= Hear;
        }
    }

    private static async Task FollowAsync(
        Call call, PartyFeed feed, FeedPage page, long after, ChannelReader<FeedItem> undurable)
    {
        PipeWriter output = call.Http.Response.BodyWriter;
        CancellationToken stop = call.Services.Stopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, stop);
        await output.WriteAsync(": holdfast\n\n"u8.ToArray(), either.Token);
        while (true)
        {
            foreach (NoticeJson notice in feed.JsonOf(page, after).Items) Write(output, notice);
            await output.FlushAsync(either.Token);
            after = page.Next;
            Task news = feed.Notifier.NextNotice;
            page = await feed.PageAsync(after, PageSize, either.Token);
            if (page.Items.Count > 0 || !page.IsEnd) continue;
            Task heard = undurable.WaitToReadAsync(either.Token).AsTask();
            Task woken = await Task.WhenAny(news, heard, Task.Delay(Heartbeat, either.Token));
            either.Token.ThrowIfCancellationRequested();
            if (woken != news && woken != heard) await output.WriteAsync(": \n\n"u8.ToArray(), either.Token);
            while (undurable.TryRead(out FeedItem? item)) Write(output, Wire.Of(item, null, null, feed.Notifier.Host));
            page = await feed.PageAsync(after, PageSize, either.Token);
        }
    }

    private static long? Resume(Call call)
    {
        string last = call.Http.Request.Headers["Last-Event-ID"].ToString();
        if (last.Length == 0) return call.QueryNumber("after");
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long place)
            ? place
            : throw Problem.BadRequest("Last-Event-ID is no place in the feed");
    }

    private static void Write(PipeWriter output, NoticeJson notice)
    {
        if (notice.Seq is { } place)
        {
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {place}\n")));
        }

        output.Write("event: notice\ndata: "u8);
        using (var json = new Utf8JsonWriter(output)) JsonSerializer.Serialize(
            json, notice, ContractJson.Default.NoticeJson);
        output.Write("\n\n"u8);
    }
}
