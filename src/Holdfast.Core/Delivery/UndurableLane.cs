// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Tells one party of what could not be written down (C1), where telling it twice does no harm: it comes again once it
/// is durable, and then its outcome is on record. A bounded queue of its own, so that a party that hangs holds up
/// neither
/// the spool nor another one (C11).
/// </summary>
internal sealed class UndurableLane(PushLaneServices services, string party)
{
    private const int WaitingMax = 256;

    private readonly Lock _lock = new();
    private readonly Queue<FeedItem> _waiting = new();
    private readonly Signal _signal = new();

    /// <summary>Never waits; of too many the oldest are left out, they come again.</summary>
    internal void Offer(FeedItem item)
    {
        lock (_lock)
        {
            if (_waiting.Count == WaitingMax) _waiting.Dequeue();
            _waiting.Enqueue(item);
        }

        _signal.Raise();
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (true)
        {
            if (TryTake() is { } item) await TellAsync(item, cancellationToken);
            else await _signal.WaitAsync(cancellationToken);
        }
    }

    private FeedItem? TryTake()
    {
        lock (_lock) return _waiting.TryDequeue(out FeedItem? item) ? item : null;
    }

    private async Task TellAsync(FeedItem item, CancellationToken cancellationToken)
    {
        Rule? rule = RuleMatcher.Decide(services.Rules, party, item);
        IPolicy? policy = rule is null ? null : services.Policies.GetValueOrDefault(rule.Policy);
        if (policy is not { Effect: EffectKind.Idempotent } || services.LeftBehindOf(policy).IsFull) return;
        using var limit = new CancellationTokenSource(rule!.Timeout, services.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Task? effect = null;
        try
        {
            PolicyRequest request = PushBatch.UndurableOf(rule, policy, item).RequestOf(party, services.Host);
            effect = policy.ApplyAsync(request, stop.Token);
            await effect.WaitAsync(rule.Timeout + services.Options.Grace, services.Time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It comes again when it is durable; then its failure is on record.
            if (effect is { IsCompleted: false }) services.LeftBehindOf(policy).Add(effect);
        }
    }
}
