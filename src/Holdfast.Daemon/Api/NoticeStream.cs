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
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, call.Services.Stopping);
        try
        {
            await FollowAsync(call.Http.Response.BodyWriter, feed, page, after, undurable.Reader, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader went away, or the daemon stops: it resumes by the last id.
        }
        finally
        {
            feed.Notifier.Undurable -= Hear;
        }
    }

    private static async Task FollowAsync(
        PipeWriter output, PartyFeed feed, FeedPage page, long after, ChannelReader<FeedItem> undurable,
        CancellationToken cancellationToken)
    {
        // One wait that goes on from round to round: each that is begun stays in the channel until something comes.
        Task<bool> heard = undurable.WaitToReadAsync(cancellationToken).AsTask();
        output.Write(": holdfast\n\n"u8);
        await output.FlushAsync(cancellationToken);
        FeedTurn? turn = null;
        while (true)
        {
            foreach (NoticeJson notice in feed.JsonOf(page, after).Items) Write(output, notice);
            if (page.Items.Count > 0) await output.FlushAsync(cancellationToken);
            after = page.Next;
            if (turn is null)
            {
                turn = feed.Notifier.NextTurn;
                page = await feed.PageAsync(after, PageSize, cancellationToken);
                if (page.Items.Count > 0 || !page.IsEnd)
                {
                    turn = null;
                    continue;
                }

                after = page.Next;
            }

            bool hasCome = await HasComeAsync(Task.WhenAny(turn.News, heard), cancellationToken);
            (page, turn) = await TakeAsync(feed, turn, after);
            if (!hasCome) output.Write(": \n\n"u8);
            if (heard.IsCompleted)
            {
                while (undurable.TryRead(out FeedItem? item))
                {
                    Write(output, Wire.Of(item, null, null, feed.Notifier.Host));
                }

                heard = undurable.WaitToReadAsync(cancellationToken).AsTask();
            }

            await output.FlushAsync(cancellationToken);
        }
    }

    /// <returns>What has come, as far as it is at hand, and what to wait for then; null: the ledger is read.</returns>
    private static async Task<(FeedPage Page, FeedTurn? Turn)> TakeAsync(PartyFeed feed, FeedTurn turn, long after)
    {
        var nothing = new FeedPage([], after, IsEnd: true);
        if (!turn.News.IsCompleted) return (nothing, turn);
        FeedTurn next = feed.Notifier.NextTurn;
        FeedPage? page = feed.PageOf(await turn.News, after);
        return (page ?? nothing, page is not null && next.Follows(turn) ? next : null);
    }

    /// <returns>False where nothing came for so long that the reader must see that somebody is here.</returns>
    private static async Task<bool> HasComeAsync(Task something, CancellationToken cancellationToken)
    {
        try
        {
            await something.WaitAsync(Heartbeat, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
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
