// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Holdfast.Contract;
using Holdfast.Testing;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Client.Tests;

public sealed class SubscriptionTests : IDisposable
{
    private readonly Scratch _scratch = new("subscription");
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    private string Place => _scratch.PathOf("socket");

    public void Dispose()
    {
        _limit.Dispose();
        _scratch.Dispose();
    }

    /// <summary>A feed that ends is taken up again behind the last notice that was dealt with.</summary>
    [Fact]
    public async Task A_broken_feed_goes_on_where_it_broke()
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Feed = async (after, feed, _) =>
        {
            await feed.WriteAsync(FakeDaemon.Notice((after ?? 0) + 1, "db", 0, 4096));
            // Half an event is none.
            await feed.WriteAsync("id: 99\ndata: {\"key\":");
        };
        using var client = new DaemonClient(Place);
        Assert.Equal([1, 2, 3], await SequencesAsync(Subscription(client), 3));
        Assert.Equal(
            ["", "?after=1", "?after=2"],
            daemon.Asked.Where(at => at.StartsWith("GET", StringComparison.Ordinal)).Take(3)
                .Select(at => at["GET /v1/parties/store/notices".Length..]));
    }

    /// <summary>The daemon is not there yet, comes, goes and comes: nothing is lost and nothing comes twice.</summary>
    [Fact]
    public async Task A_daemon_that_comes_and_goes_is_met_again()
    {
        using var client = new DaemonClient(Place);
        Task<List<long>> read = SequencesAsync(Subscription(client), 2);
        for (int seq = 1; seq <= 2; seq++)
        {
            var sent = new TaskCompletionSource();
            await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
            daemon.Feed = async (after, feed, stop) =>
            {
                if (after is null or 1) await feed.WriteAsync(FakeDaemon.Notice((after ?? 0) + 1, "db", 0, 4096));
                sent.TrySetResult();
                await Task.WhenAny(Task.Delay(Timeout.Infinite, stop), read);
            };
            await sent.Task.WaitAsync(_limit.Token);
            // The second must know what the first has sent.
            if (seq == 1) await UntilAsync(() => daemon.Asked.Count >= 2);
        }

        Assert.Equal([1, 2], await read);
    }

    [Fact]
    public async Task A_feed_that_falls_silent_is_broken()
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Feed = async (after, feed, stop) =>
        {
            await feed.WriteAsync(FakeDaemon.Notice((after ?? 0) + 1, "db", 0, 4096));
            await Task.Delay(Timeout.Infinite, stop);
        };
        using var client = new DaemonClient(Place) { QuietMax = TimeSpan.FromMilliseconds(100) };
        Assert.Equal([1, 2], await SequencesAsync(Subscription(client), 2));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_daemon_that_does_not_answer_counts_as_away(bool isBlocking)
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Answer = async http =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(
                _ => { }, TaskScheduler.Default);
            return true;
        };
        string away = await WhyAwayAsync(isBlocking, TimeSpan.FromMilliseconds(100));
        Assert.Contains("no answer within", away, StringComparison.Ordinal);
    }

    /// <summary>A daemon that is frozen: the kernel takes the connection, and nobody reads what it brings.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_frozen_daemon_counts_as_away(bool isBlocking)
    {
        using Socket listener = Listener(backlog: 8);
        string away = await WhyAwayAsync(isBlocking, TimeSpan.FromMilliseconds(100));
        Assert.Contains("no answer within", away, StringComparison.Ordinal);
    }

    /// <summary>A daemon that is frozen, and whose socket has all the callers that it takes.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_daemon_that_takes_no_connection_counts_as_away(bool isBlocking)
    {
        using Socket listener = Listener(backlog: 0);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await first.ConnectAsync(new UnixDomainSocketEndPoint(Place));
        string away = await WhyAwayAsync(isBlocking, TimeSpan.FromSeconds(30));
        Assert.EndsWith("the daemon takes no connection: it hangs, or has too many callers", away);
    }

    /// <summary>C7: an acknowledgement that found nobody is not forgotten.</summary>
    [Fact]
    public async Task What_was_acknowledged_while_the_daemon_was_away_is_told_when_it_is_back()
    {
        using var client = new DaemonClient(Place);
        NoticeSubscription subscription = Subscription(client);
        Assert.False(await subscription.AcknowledgeAsync(FakeDaemon.Notice(7, "db", 0, 1), _limit.Token));
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Feed = (_, feed, _) => feed.WriteAsync(FakeDaemon.Notice(8, "db", 0, 4096));
        await SequencesAsync(subscription, 1);
        Assert.Equal([7], daemon.Acknowledged);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_said()
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Answer = async http =>
        {
            http.Response.StatusCode = 410;
            http.Response.ContentType = "application/problem+json";
            await http.Response.WriteAsync("""{"status":410,"code":"trimmed","detail":"up to 12 is gone"}""");
            return true;
        };
        using var client = new DaemonClient(Place);
        DaemonException refused = await Assert.ThrowsAsync<DaemonException>(
            () => SequencesAsync(Subscription(client), 1));
        Assert.Equal(("trimmed", 410, "up to 12 is gone"), (refused.Code, refused.Status, refused.Message));
    }

    [Theory]
    [InlineData("data: nonsense\n\n")]
    [InlineData("data: null\n\n")]
    [InlineData("data: {\"key\":1}\n\n")]
    [InlineData("\n\n\r\n: \n\nretry: 5\n\n")]
    public async Task Nonsense_in_a_feed_is_a_broken_feed(string nonsense)
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        int connections = 0;
        daemon.Feed = async (_, feed, _) =>
        {
            if (Interlocked.Increment(ref connections) == 1) await feed.WriteAsync(nonsense);
            else await feed.WriteAsync(FakeDaemon.Notice(1, "db", 0, 4096));
        };
        using var client = new DaemonClient(Place);
        Assert.Equal([1], await SequencesAsync(Subscription(client), 1));
        Assert.True(connections >= 2);
    }

    /// <summary>Notices of other files go by, and are not told again; those that hit wait for their word.</summary>
    [Fact]
    public async Task Only_what_hits_waits_for_an_acknowledgement()
    {
        await using FakeDaemon daemon = await FakeDaemon.StartAsync(Place);
        daemon.Feed = async (after, feed, stop) =>
        {
            if (after is not null) return;
            await feed.WriteAsync(FakeDaemon.Notice(1, "other", 0, 4096));
            await feed.WriteAsync(FakeDaemon.Notice(2, "db", 8192, 4096));
            await feed.WriteAsync(FakeDaemon.Notice(3, "other", 0, 4096));
            await feed.WriteAsync(FakeDaemon.Notice(4, "db", 0, 512));
            await Task.Delay(Timeout.Infinite, stop);
        };
        using var client = new DaemonClient(Place);
        var found = new List<LostBytes>();
        await foreach (LostBytes lost in Subscription(client).ReadLostBytesAsync(_limit.Token))
        {
            found.Add(lost);
            if (found.Count == 2) break;
        }

        Assert.Equal([(8192L, 4096L), (0L, 512L)], found.Select(at => (at.Offset, at.Length)));
        // 3 hits nothing, but its word would have covered 2 as well, which nobody has dealt with.
        Assert.Equal([1], daemon.Acknowledged);
    }

    private static NoticeSubscription Subscription(DaemonClient client) =>
        new(client, "store", new FilterJson { Path = "db" }) { WaitMax = TimeSpan.FromMilliseconds(200) };

    private async Task<List<long>> SequencesAsync(NoticeSubscription subscription, int count)
    {
        var found = new List<long>();
        await foreach (NoticeJson notice in subscription.ReadAllAsync(_limit.Token))
        {
            found.Add(notice.Seq!.Value);
            if (found.Count == count) break;
        }

        return found;
    }

    private Socket Listener(int backlog)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Place));
        listener.Listen(backlog);
        return listener;
    }

    /// <summary>Asks on a thread of its own: one that never came back must not hold up the test.</summary>
    private async Task<string> WhyAwayAsync(bool isBlocking, TimeSpan answerWithin)
    {
        using var client = new DaemonClient(Place) { AnswerWithin = answerWithin, IsBlocking = isBlocking };
        return (await Assert.ThrowsAsync<DaemonUnreachableException>(
            () => Task.Run(() => client.StatusAsync(_limit.Token)).WaitAsync(_limit.Token))).Message;
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        while (!holds()) await Task.Delay(5, _limit.Token);
    }
}
