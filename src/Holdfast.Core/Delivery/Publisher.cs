// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Brings notices from the ledger into the feed: each instance in a lane of its own, and what waits too long for its
/// filesystem without it.
/// </summary>
internal sealed class Publisher(
    FailureLedger ledger, IResolverSource resolvers, TimeProvider time, PublisherOptions options,
    FeedListeners listeners)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    private const int BatchMax = 256;

    /// <summary>By the index, cause by cause: what was told before (5) is not told again.</summary>
    private const string Overdue = """
        SELECT number, instance FROM notices
        WHERE state = 0 AND cause IN (0, 1, 2, 3, 4) AND time < ?1 LIMIT 256
        """;

    /// <summary>
    /// In the order of the ledger, whatever the clock did in between: with one that is overdue go those before it, and
    /// none before one that is being resolved.
    /// </summary>
    private const string Before = """
        SELECT number FROM notices INDEXED BY notices_waiting
        WHERE state = 0 AND cause <> 5 AND instance IS ?1 AND number <= ?2
            AND NOT EXISTS (SELECT 1 FROM notices o INDEXED BY notices_ready WHERE o.state = 1 AND o.instance IS ?1)
        ORDER BY number LIMIT 256
        """;

    private readonly Dictionary<long, (InstanceLane Lane, Task Running)> _lanes = [];
    private readonly Signal _signal = new();

    /// <summary>Something may have become ready.</summary>
    internal void Wake() => _signal.Raise();

    /// <summary>Has an open failure resolved again for who looks at it; waits for that, but not long.</summary>
    internal async Task AskAgainAsync(long instance, Guid failure)
    {
        InstanceLane? lane;
        lock (_lanes) lane = _lanes.TryGetValue(instance, out (InstanceLane Lane, Task) at) ? at.Lane : null;
        if (lane is null) return;
        try
        {
            await lane.AskAgainAsync(failure).WaitAsync(options.AgainWaitMax, time);
        }
        catch (TimeoutException)
        {
            // What was said last is in the ledger.
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool isUnsure = false;
            while (true)
            {
                try
                {
                    if (isUnsure) listeners.Wake();
                    isUnsure = false;
                    await StartLanesAsync(cancellationToken);
                    await PublishOverdueAsync(cancellationToken);
                }
                catch (Exception) when (!cancellationToken.IsCancellationRequested)
                {
                    isUnsure = true;
                    await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
                    continue;
                }

                await _signal.WaitAsync(Round, time, cancellationToken);
            }
        }
        finally
        {
            foreach ((InstanceLane lane, Task running) in _lanes.Values)
            {
                await Task.WhenAny(running);
                await lane.DisposeAsync();
            }
        }
    }

    private async Task StartLanesAsync(CancellationToken cancellationToken)
    {
        (List<long> ready, List<long> held) = await ledger.ReadAsync(
            session => (Feed.ReadyInstances(session), HeldInstances(session)), cancellationToken);
        foreach (long instance in held) LaneOf(instance, cancellationToken);
        foreach (long instance in ready) LaneOf(instance, cancellationToken).Wake();

        await PublishUnheldAsync(cancellationToken);
    }

    private InstanceLane LaneOf(long instance, CancellationToken cancellationToken)
    {
        lock (_lanes)
        {
            if (_lanes.TryGetValue(instance, out (InstanceLane Lane, Task Running) known)) return known.Lane;
            var lane = new InstanceLane(ledger, resolvers, time, options, listeners, instance);
            _lanes.Add(instance, (lane, lane.RunAsync(cancellationToken)));
            return lane;
        }
    }

    /// <summary>Those that can be asked: what is open of them is resolved again now and then.</summary>
    private static List<long> HeldInstances(LedgerSession session) => session.Rows(
        "SELECT instance FROM claims WHERE instance IS NOT NULL AND state IN (3, 4) ORDER BY instance", Number);

    /// <summary>What waited for a holder that never told what it holds.</summary>
    private async Task PublishUnheldAsync(CancellationToken cancellationToken)
    {
        const string unheld =
            "SELECT number FROM notices WHERE state = 1 AND instance IS NULL ORDER BY number LIMIT 256";
        while (await ledger.ReadAsync(session => session.Rows(unheld, Number), cancellationToken) is { Count: > 0 })
        {
            await ledger.WriteAsync(
                session =>
                {
                    foreach (long number in session.Rows(unheld, Number))
                    {
                        Feed.PublishUnresolved(session, number, "no filesystem is known here");
                    }

                    return true;
                },
                cancellationToken);
            listeners.Wake();
        }
    }

    private async Task PublishOverdueAsync(CancellationToken cancellationToken)
    {
        long before = LedgerSession.Microseconds(time.GetUtcNow() - options.DeferMax);
        while (await ledger.ReadAsync(session => OverdueNumbers(session, before), cancellationToken) is { Count: > 0 })
        {
            await ledger.WriteAsync(
                session =>
                {
                    foreach (long number in OverdueNumbers(session, before)) PublishUnresolved(session, number);
                    return true;
                },
                cancellationToken);
            listeners.Wake();
        }
    }

    private static List<long> OverdueNumbers(LedgerSession session, long before)
    {
        List<(long Number, long? Instance)> overdue = session.Rows(
            Overdue, row => (row.GetInt64(0), row.Int64At(1)), before);
        List<long> numbers = [];
        foreach (IGrouping<long?, (long Number, long? Instance)> at in overdue.GroupBy(at => at.Instance))
        {
            if (numbers.Count >= BatchMax) break;
            numbers.AddRange(session.Rows(Before, Number, at.Key, at.Max(notice => notice.Number)));
        }

        return numbers;
    }

    /// <summary>
    /// Goes out as it is; a second notice of the same waits on for the filesystem, and tells its impact then.
    /// </summary>
    private static void PublishUnresolved(LedgerSession session, long number)
    {
        Feed.PublishUnresolved(
            session, number, "the filesystem is not live: what the bytes are is not known yet");
        Feed.WaitFurther(session, number);
    }

    private static long Number(LedgerRow row) => row.GetInt64(0);
}
