// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Failures;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>
/// A subscriber as the library makes one: it reconnects and resumes by itself. Keeps all that it hears.
/// </summary>
internal sealed class ListeningSubscriber : IAsyncDisposable
{
    internal const string Name = "listener";
    private const int AcknowledgeEvery = 50;

    private readonly DaemonClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<NoticeJson> _heard = [];
    private readonly Task _running;

    private ListeningSubscriber(string socket)
    {
        _client = new(socket);
        _running = Task.Run(RunAsync);
    }

    internal static async Task<ListeningSubscriber> StartAsync(string socket)
    {
        using var client = new DaemonClient(socket);
        await client.PutPartyAsync(Name, new PartyRequest());
        return new(socket);
    }

    internal NoticeJson[] Heard()
    {
        lock (_lock) return [.. _heard];
    }

    /// <summary>Waits until it has heard of all these bytes.</summary>
    /// <returns>Those it has not heard of when patience is at its end.</returns>
    internal async Task<ByteRangeSet> MissingAsync(ByteRangeSet wanted, TimeSpan patience)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            ByteRangeSet heard = ByteRangeSet.From(Heard().SelectMany(notice => notice.Ranges)
                .Select(range => new ByteRange(range.Offset, range.Length)));
            ByteRangeSet missing = ByteRangeSet.From(wanted.SelectMany(range => heard.Gaps(range)));
            if (missing.Count == 0 || waited.Elapsed > patience || _running.IsCompleted) return missing;
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
        finally
        {
            _client.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var subscription = new NoticeSubscription(_client, Name, new FilterJson());
        int count = 0;
        await foreach (NoticeJson notice in subscription.ReadAllAsync(_stop.Token))
        {
            lock (_lock) _heard.Add(notice);
            if (++count % AcknowledgeEvery != 0) continue;
            try
            {
                await subscription.AcknowledgeAsync(notice, _stop.Token);
            }
            catch (Exception fault) when (fault is DaemonUnreachableException or DaemonException or IOException)
            {
                // The next one acknowledges this one too.
            }
        }
    }
}
