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

    private readonly FailureLedger _ledger;
    private readonly PushLaneServices _services;
    private readonly Party _party;
    private readonly Dictionary<long, (PushLane Lane, Task Running)> _lanes = [];
    private readonly Signal _signal = new();
    private readonly EffectLimit _effects;
    private readonly UndurableLane _undurable;

    internal PushParty(FailureLedger ledger, PushLaneServices services, Party party, FeedListeners listeners)
    {
        _ledger = ledger;
        _services = services;
        _party = party;
        listeners.Add(_signal);
        _undurable = new(services, party.Name);
        _effects = new(services.Options.EffectsMax);
    }

    /// <summary>Deliveries were put back by an administrator, or are not held up any more.</summary>
    internal void Wake() => _signal.Raise();

    internal Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(RunFeedAsync(cancellationToken), _undurable.RunAsync(cancellationToken));

    /// <summary>Never waits.</summary>
    internal void TellUndurable(FeedItem item)
    {
        if (FilterMatch.Holds(_party.Filter, item)) _undurable.Offer(item);
    }

    private async Task RunFeedAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
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

    /// <summary>What is to be done is decided before the ledger's writer is asked for anything.</summary>
    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ScanAsync(CancellationToken cancellationToken)
    {
        (long? scanned, FeedPage? page, List<Silence> silences) = await _ledger.ReadAsync(Look, cancellationToken);
        if (scanned is null || page is null) return false;
        if (page.Next == scanned) return false;

        List<(FeedItem Item, PolicyOutcome Outcome, string? Rule)> decided = [];
        foreach (FeedItem item in page.Items)
        {
            if (!FilterMatch.Holds(_party.Filter, item)) continue;
            (PolicyOutcome outcome, string? rule) = Decide(item, silences);
            decided.Add((item, outcome, rule));
        }

        await _ledger.WriteAsync(session => Keep(session, scanned.Value, page.Next, decided), cancellationToken);
        return !page.IsEnd;
    }

    private (long? Scanned, FeedPage? Page, List<Silence> Silences) Look(LedgerSession session)
    {
        if (ScannedOf(session) is not { } scanned) return (null, null, []);
        long from = Math.Max(scanned, Feed.Trimmed(session));
        FeedPage page = Feed.Page(session, from, new(null, null, null, null), ScanMax);
        return (scanned, page, Silences.InForce(session));
    }

    private bool Keep(
        LedgerSession session, long from, long next, List<(FeedItem Item, PolicyOutcome Outcome, string? Rule)> decided)
    {
        if (ScannedOf(session) != from) return false;
        foreach ((FeedItem item, PolicyOutcome outcome, string? rule) in decided)
        {
            DeliveryRows.Insert(
                session, _party.Name, item, outcome.State, outcome.Detail, rule, _services.Rules.ConfigHash);
        }

        session.Execute(
            "UPDATE parties SET scanned = ?2, cursor = ?2, seen = ?3 WHERE name = ?1", _party.Name, next, session.Now);
        return true;
    }

    private (PolicyOutcome Outcome, string? Rule) Decide(FeedItem item, List<Silence> silences)
    {
        if (Silences.ReasonFor(silences, item) is { } silenced) return (new(DeliveryState.Ignored, silenced), null);
        Rule? rule = RuleMatcher.Decide(_services.Rules, _party.Name, item);
        PolicyOutcome outcome = rule?.Policy switch
        {
            null => new(DeliveryState.Done, "no rule: it is in the party's feed"),
            { } word when NoEffectPolicy.Find(word) is { } settled => settled.Outcome,
            { } policy when !_services.Policies.ContainsKey(policy) =>
                new(DeliveryState.Unsupported, $"there is no policy {policy} here"),
            _ => new(DeliveryState.Pending, null),
        };
        return (outcome, rule?.Name);
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
                var lane = new PushLane(_ledger, _services, _party.Name, instance, _effects, Wake);
                at = (lane, lane.RunAsync(cancellationToken));
                _lanes.Add(instance, at);
            }

            at.Lane.Wake();
        }
    }
}
