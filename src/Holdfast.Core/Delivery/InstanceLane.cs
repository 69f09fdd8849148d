// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Resolves and publishes the notices of one filesystem instance, in order. Each instance has its own lane, so that one
/// that hangs holds up nobody else (C11).
/// </summary>
internal sealed class InstanceLane : IAsyncDisposable
{
    private readonly FailureLedger _ledger;
    private readonly TimeProvider _time;
    private readonly PublisherOptions _options;
    private readonly FeedListeners _listeners;
    private readonly ResolverPool _resolvers;
    private readonly long _instance;
    private readonly LeftBehind _left;
    private readonly Signal _signal = new();
    private DateTimeOffset _restUntil;
    private string? _restWhy;

    internal InstanceLane(
        FailureLedger ledger, IResolverSource resolvers, TimeProvider time, PublisherOptions options,
        FeedListeners listeners, long instance)
    {
        _ledger = ledger;
        _time = time;
        _options = options;
        _listeners = listeners;
        _instance = instance;
        _left = new(options.LeftBehindMax);
        _resolvers = new(resolvers, time, options.ResolveTimeMax, _left);
    }

    internal void Wake() => _signal.Raise();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever starts a lane does not wait for what it does at once.
        await Task.Yield();
        bool isUnsure = false;
        while (true)
        {
            try
            {
                if (isUnsure) _listeners.Wake();
                isUnsure = false;
                if (!await PublishSomeAsync(cancellationToken)) await RestAsync(cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The ledger says itself what is wrong with it. Whether something was published it says too.
                isUnsure = true;
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => _resolvers.DisposeAsync();

    /// <summary>A filesystem that nobody asks about is let go: its holder may want to be alone with it.</summary>
    private async Task RestAsync(CancellationToken cancellationToken)
    {
        if (_resolvers.IsOpen)
        {
            if (await _signal.WaitAsync(_options.CloseAfter, _time, cancellationToken)) return;
            await _resolvers.CloseAsync();
        }

        await _signal.WaitAsync(cancellationToken);
    }

    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> PublishSomeAsync(CancellationToken cancellationToken)
    {
        (List<Notice> notices, Holder? holder, Dictionary<long, ByteRangeSet> bad) = await _ledger.ReadAsync(
            Ask, cancellationToken);
        if (notices.Count == 0) return false;
        List<ResolvedRange> resolved = await ResolveAsync(notices, holder, bad, cancellationToken);
        await _ledger.WriteAsync(
            session =>
            {
                for (int i = 0; i < notices.Count; i++) Publish(session, notices[i], resolved[i]);
                return true;
            },
            cancellationToken);
        _listeners.Wake();
        return true;
    }

    private (List<Notice> Notices, Holder? Holder, Dictionary<long, ByteRangeSet> Bad) Ask(LedgerSession session)
    {
        List<Notice> notices = session.Rows(
            $"SELECT {NoticeRows.Columns} FROM notices WHERE state = 1 AND instance = ?1 ORDER BY number LIMIT ?2",
            NoticeRows.Of, _instance, (long)_options.BatchMax);
        var bad = new Dictionary<long, ByteRangeSet>();
        foreach (long device in notices.Select(notice => notice.Device).Distinct())
        {
            bad.Add(device, FailureQueries.KnownBad(session, device));
        }

        return (notices, notices.Count == 0 ? null : HolderRows.OfInstance(session, _instance), bad);
    }

    private async Task<List<ResolvedRange>> ResolveAsync(
        List<Notice> notices, Holder? holder, Dictionary<long, ByteRangeSet> bad, CancellationToken cancellationToken)
    {
        var resolved = new ResolvedRange[notices.Count];
        string? gap = holder is null ? "the filesystem has no holder now"
            : _time.GetUtcNow() < _restUntil ? _restWhy
            : _left.IsFull ? "what the filesystem was asked before still hangs" : null;
        IRangeResolver? resolver = null;
        if (gap is null)
        {
            (resolver, gap) = await TryAsync(
                () => _resolvers.GetAsync(RecoveredHolder.From(holder!), cancellationToken),
                _options.ResolveTimeMax * 3, cancellationToken);
            gap ??= resolver is null ? $"nobody can read this filesystem while it is {holder!.State}" : null;
        }

        foreach (IGrouping<long, int> device in Enumerable.Range(0, notices.Count).GroupBy(i => notices[i].Device))
        {
            int[] indexes = [.. device];
            IReadOnlyList<ResolvedRange>? answers = null;
            string? why = gap;
            if (resolver is not null && gap is null)
            {
                ByteRange[] ranges = [.. indexes.Select(i => notices[i].Range)];
                (answers, why) = await TryAsync(
                    () => resolver.ResolveAsync(device.Key, ranges, bad[device.Key], cancellationToken)!,
                    _options.ResolveTimeMax, cancellationToken);
                if (why is null && answers?.Count != indexes.Length) (answers, why) = (
                    null, "the answer was incomplete");
                gap = why;
            }

            for (int i = 0; i < indexes.Length; i++)
            {
                resolved[indexes[i]] = answers?[i] ?? new ResolvedRange(default, false, why);
            }
        }

        return [.. resolved];
    }

    /// <summary>Asks with a time limit; who fails or hangs is left in peace for a while.</summary>
    private async Task<(T? Answer, string? Gap)> TryAsync<T>(
        Func<Task<T?>> ask, TimeSpan atMost, CancellationToken cancellationToken)
        where T : class
    {
        Task<T?>? asked = null;
        try
        {
            asked = ask();
            return (await asked.WaitAsync(atMost, _time, cancellationToken), null);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (asked is { IsCompleted: false }) _left.Add(asked);
            _restWhy = fault is TimeoutException
                ? $"the filesystem did not answer within {_options.ResolveTimeMax.TotalSeconds:0} s"
                : $"the filesystem could not be asked: {fault.Message}";
            _restUntil = _time.GetUtcNow() + _options.ResolveTimeMax;
            await _resolvers.CloseAsync();
            return (null, _restWhy);
        }
    }

    private static void Publish(LedgerSession session, Notice notice, ResolvedRange resolved)
    {
        // Another filesystem may have taken its place meanwhile: then it is superseded, and stays so.
        bool isReady = session.Scalar<long>("SELECT state FROM notices WHERE number = ?1", notice.Number) == 1;
        if (!isReady) return;
        session.Execute(
            "UPDATE notices SET state = 2, sequence = ?2, impacts = ?3, complete = ?4, gap = ?5 WHERE number = ?1",
            notice.Number, Feed.NextSequence(session), resolved.Impacts.IsEmpty ? null : resolved.Impacts.ToArray(),
            resolved.IsComplete, resolved.Gap);
    }
}
