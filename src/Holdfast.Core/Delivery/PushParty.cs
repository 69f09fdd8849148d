// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>
/// One configured party: walks the feed, decides by the rules what is to be done, and runs a lane for each filesystem
/// that has something due.
/// </summary>
internal sealed class PushParty
{
    private const int ScanMax = 256;
    private const int UndurableMax = 1000;

    private readonly FailureLedger _ledger;
    private readonly PushLaneServices _services;
    private readonly Party _party;
    private readonly Dictionary<long, (PushLane Lane, Task Running)> _lanes = [];
    private readonly Signal _signal = new();
    private readonly Queue<FeedItem> _undurable = new();
    private readonly Signal _undurableSignal = new();
    private readonly EffectLimit _effects;

    internal PushParty(FailureLedger ledger, PushLaneServices services, Party party, FeedListeners listeners)
    {
        _ledger = ledger;
        _services = services;
        _party = party;
        listeners.Add(_signal);
        _effects = new(services.Options.EffectsMax);
    }

    /// <summary>Deliveries were put back by an administrator.</summary>
    internal void Wake() => _signal.Raise();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    while (await ScanAsync(cancellationToken))
                    {
                    }

                    await StartLanesAsync(cancellationToken);
                }
                catch (Exception) when (!cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), _services.Time, cancellationToken);
                    continue;
                }

                await _signal.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAny(Task.WhenAll(_lanes.Values.Select(at => at.Running)));
        }
    }

    /// <summary>Nobody waits: what a slow party has no room for comes to it when it is durable.</summary>
    internal void TellUndurable(FeedItem item)
    {
        if (!FilterMatch.Holds(_party.Filter, item)) return;
        lock (_undurable)
        {
            if (_undurable.Count == UndurableMax) return;
            _undurable.Enqueue(item);
        }

        _undurableSignal.Raise();
    }

    internal async Task RunUndurableAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (NextUndurable() is { } item) await TellAsync(item, cancellationToken);
            await _undurableSignal.WaitAsync(cancellationToken);
        }
    }

    private FeedItem? NextUndurable()
    {
        lock (_undurable) return _undurable.TryDequeue(out FeedItem? item) ? item : null;
    }

    private async Task TellAsync(FeedItem item, CancellationToken cancellationToken)
    {
        Rule? rule = RuleMatcher.Decide(_services.Rules, _party.Name, item);
        IPolicy? policy = rule is null ? null : _services.Policies.GetValueOrDefault(rule.Policy);
        if (policy is not { Effect: EffectKind.Idempotent }) return;
        try
        {
            PolicyRequest request = PushBatch.UndurableOf(rule!, policy, item).RequestOf(_party.Name, _services.Host);
            using var limit = new CancellationTokenSource(rule!.Timeout, _services.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await policy.ApplyAsync(request, stop.Token)
                .WaitAsync(rule.Timeout + _services.Options.Grace, _services.Time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It comes again when it is durable; then its failure is on record.
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ScanAsync(CancellationToken cancellationToken)
    {
        bool isNews = await _ledger.ReadAsync(
            session => ScannedOf(session) is { } scanned && scanned < Feed.LastSequence(session), cancellationToken);
        return isNews && await _ledger.WriteAsync(Scan, cancellationToken);
    }

    private bool Scan(LedgerSession session)
    {
        if (ScannedOf(session) is not { } scanned) return false;
        long from = Math.Max(scanned, Feed.Trimmed(session));
        FeedPage page = Feed.Page(session, from, new(null, null, null, null), ScanMax);
        List<Silence> silences = Silences.InForce(session);
        foreach (FeedItem item in page.Items)
        {
            if (!FilterMatch.Holds(_party.Filter, item)) continue;
            (DeliveryState state, string? reason, string? rule) = Decide(item, silences);
            DeliveryRows.Insert(session, _party.Name, item, state, reason, rule, _services.Rules.ConfigHash);
        }

        session.Execute(
            "UPDATE parties SET scanned = ?2, cursor = ?2, seen = ?3 WHERE name = ?1", _party.Name, page.Next,
                session.Now);
        return !page.IsEnd;
    }

    private (DeliveryState State, string? Reason, string? Rule) Decide(FeedItem item, List<Silence> silences)
    {
        if (silences.Find(silence => silence.Covers(item)) is { } silence)
        {
            return (DeliveryState.Ignored, $"silenced until {silence.Until:u} by {silence.Owner}", null);
        }

        Rule? rule = RuleMatcher.Decide(_services.Rules, _party.Name, item);
        return rule?.Policy switch
        {
            null => (DeliveryState.Done, "no rule: it is in the party's feed", null),
            "ignore" => (DeliveryState.Ignored, "the rule ignores it", rule.Name),
            "report" => (DeliveryState.Done, "it is in the party's feed", rule.Name),
            { } policy when !_services.Policies.ContainsKey(policy) =>
                (DeliveryState.Unsupported, $"there is no policy {policy} here", rule.Name),
            _ => (DeliveryState.Pending, null, rule.Name),
        };
    }

    private long? ScannedOf(LedgerSession session) =>
        session.Scalar<long?>("SELECT scanned FROM parties WHERE name = ?1", _party.Name);

    private async Task StartLanesAsync(CancellationToken cancellationToken)
    {
        List<long> due = await _ledger.ReadAsync(
            session => DeliveryRows.DueInstances(session, _party.Name), cancellationToken);
        foreach (long instance in due)
        {
            if (!_lanes.TryGetValue(instance, out (PushLane Lane, Task Running) at))
            {
                var lane = new PushLane(_ledger, _services, _party.Name, instance, _effects);
                at = (lane, lane.RunAsync(cancellationToken));
                _lanes.Add(instance, at);
            }

            at.Lane.Wake();
        }
    }
}
