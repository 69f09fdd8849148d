// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Polly;
using Polly.Retry;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Deliveries of one party about one filesystem, one after the other (C8). An attempt is committed before its effect,
/// its outcome after it (C7). What is dead blocks nobody (C11).
/// </summary>
internal sealed class PushLane(
    FailureLedger ledger, PushLaneServices services, string party, long instance, EffectLimit effects, Action ended)
{
    private static readonly ResiliencePropertyKey<PushBatch> BatchKey = new("batch");
    private readonly Signal _signal = new();
    private bool _hasDelivered;

    internal void Wake() => _signal.Raise();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever starts a lane does not wait for what it does at once.
        await Task.Yield();
        ResiliencePipeline<PolicyOutcome> retrying = Retrying();
        while (true)
        {
            try
            {
                if (await NextAsync(cancellationToken) is not { } batch)
                {
                    if (_hasDelivered) ended();
                    _hasDelivered = false;
                    await _signal.WaitAsync(cancellationToken);
                    continue;
                }

                _hasDelivered = true;
                await DeliverAsync(retrying, batch, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), services.Time, cancellationToken);
            }
        }
    }

    /// <summary>Backoff and jitter are Polly's; what is kept of them is when the next attempt is due.</summary>
    private ResiliencePipeline<PolicyOutcome> Retrying() => new ResiliencePipelineBuilder<PolicyOutcome>
    {
        TimeProvider = services.Time,
    }.AddRetry(new RetryStrategyOptions<PolicyOutcome>
    {
        ShouldHandle = args => ValueTask.FromResult(
            args.Outcome.Result is { State: DeliveryState.Failed }
            && args.Context.Properties.GetValue(BatchKey, null!).Attempts + args.AttemptNumber + 1
                < services.Options.AttemptsMax),
        MaxRetryAttempts = services.Options.AttemptsMax,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = services.Options.RetryFirst,
        MaxDelay = services.Options.RetryMax,
        Randomizer = services.Random.NextDouble,
        DelayGenerator = args => ValueTask.FromResult(RetryDelay.Of(
            services.Options, services.Random, args.Context.Properties.GetValue(BatchKey, null!).Attempts,
            args.AttemptNumber, args.Outcome.Result?.RetryAfter)),
        OnRetry = async args =>
        {
            PushBatch batch = args.Context.Properties.GetValue(BatchKey, null!);
            DateTimeOffset next = services.Time.GetUtcNow() + args.RetryDelay;
            await EndAsync(batch, args.Outcome.Result!, DeliveryState.Pending, next);
            batch.Attempt = null;
        },
    }).Build();

    private Task<PushBatch?> NextAsync(CancellationToken cancellationToken) =>
        ledger.ReadAsync(Next, cancellationToken);

    private PushBatch? Next(LedgerSession session)
    {
        PushOptions options = services.Options;
        long? elsewhere = DeliveryRows.FirstDueElsewhere(session, party, instance);
        long before = elsewhere ?? long.MaxValue;
        // A storm is told as one digest.
        bool isStorm = DeliveryRows.CountDue(session, party, instance, before, options.DigestOver + 1)
            > options.DigestOver;
        List<DueDelivery> due = DeliveryRows.Due(session, party, instance, before, isStorm ? options.DigestMax : 1);
        // Another lane of the same filesystem may have waited for what this one did.
        if (due.Count == 0) _hasDelivered = _hasDelivered && elsewhere is not null;
        return due.Count == 0 ? null : PushBatch.Of(services, DeliveryGates.Now(session), due);
    }

    private async Task DeliverAsync(
        ResiliencePipeline<PolicyOutcome> retrying, PushBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Obstacle is { } obstacle)
        {
            if (obstacle.IsDryRun) obstacle = await RehearseAsync(batch, obstacle, cancellationToken);
            await EndAsync(batch, obstacle, obstacle.State, null);
            return;
        }

        // A former run was told to wait: a restart is no reason to hurry. No wait is longer than the longest there is:
        // else the clock was set back meanwhile.
        if (batch.NextAttempt is { } next && next > services.Time.GetUtcNow())
        {
            TimeSpan wait = next - services.Time.GetUtcNow();
            if (wait <= services.Options.RetryMax * 2) await Task.Delay(wait, services.Time, cancellationToken);
        }

        ResilienceContext context = ResilienceContextPool.Shared.Get(
            continueOnCapturedContext: true, cancellationToken);
        context.Properties.Set(BatchKey, batch);
        try
        {
            PolicyOutcome outcome = batch.Policy!.Effect == EffectKind.Idempotent
                ? await retrying.ExecuteAsync(
                    static (at, state) => state.Lane.AttemptAsync(state.Batch, at.CancellationToken), context,
                    (Lane: this, Batch: batch))
                : await AttemptAsync(batch, cancellationToken);
            // What could not be done in all its attempts, or may not be tried twice, is dead: visible, and in nobody's
            // way.
            DeliveryState state = outcome.State == DeliveryState.Failed ? DeliveryState.Dead : outcome.State;
            await EndAsync(batch, outcome, state, null);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Whom it would hit is looked for; where that fails, that is said.</summary>
    private async Task<PolicyOutcome> RehearseAsync(
        PushBatch batch, PolicyOutcome obstacle, CancellationToken cancellationToken)
    {
        if (services.LeftBehindOf(batch.Policy!).IsFull) return obstacle;
        TimeSpan time = batch.Rule!.Timeout;
        using var limit = new CancellationTokenSource(time, services.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Task<string?>? looking = null;
        try
        {
            looking = batch.Policy!.RehearseAsync(batch.RequestOf(party, services.Host), stop.Token);
            string? found = await looking.WaitAsync(time + services.Options.Grace, services.Time, cancellationToken);
            return found is null ? obstacle : obstacle with { Detail = $"{obstacle.Detail}: {found}" };
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (looking is { IsCompleted: false }) services.LeftBehindOf(batch.Policy!).Add(looking);
            string why = fault is TimeoutException || limit.IsCancellationRequested
                ? $"no answer within {time}"
                : fault.Message;
            return obstacle with { Detail = $"{obstacle.Detail}: what that would hit is not known: {why}" };
        }
    }

    private async ValueTask<PolicyOutcome> AttemptAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        if (DeliveryGates.TooOld(services.Time.GetUtcNow(), batch.Rule!, batch.Items[0]) is { } old) return old;
        if (services.LeftBehindOf(batch.Policy!).IsFull)
        {
            return new(
                DeliveryState.Failed, $"{services.Options.LeftBehindMax} earlier calls of {batch.Policy!.Name} hang");
        }

        await effects.EnterAsync(cancellationToken);
        try
        {
            if (await BeginAsync(batch, cancellationToken) is { } refused) return refused;
            return await ApplyAsync(batch, cancellationToken);
        }
        finally
        {
            effects.Leave();
        }
    }

    /// <summary>Once it is disarmed, or done too often, nothing begins any more: the ledger orders the two.</summary>
    private async Task<PolicyOutcome?> BeginAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        bool isOnce = batch.Policy!.Effect == EffectKind.AtMostOnce;
        Rule rule = batch.Rule!;
        (batch.Attempt, PolicyOutcome? refused) = await ledger.WriteAsync<(long?, PolicyOutcome?)>(
            session =>
            {
                if (isOnce && Disarm.Reason(session) is { } disarmed)
                {
                    return (null, new(DeliveryState.Ignored, disarmed));
                }

                if (Silences.ReasonFor(Silences.InForce(session), batch.Items[0]) is { } silenced)
                {
                    return (null, new(DeliveryState.Ignored, silenced));
                }

                // It was two filesystems when this was taken up, and has turned out to be one: then that comes first.
                bool isOvertaken = DeliveryRows.FirstDueElsewhere(session, party, instance) < batch.Sequences[^1];
                if (isOvertaken) return (null, new(DeliveryState.Pending, null));

                long acts = rule.Acts ? DeliveryRows.ActsOfLate(session) : 0;
                if (DeliveryGates.CapReached(services.Rules, rule, acts) is { } reached) return (null, reached);
                return (DeliveryRows.Begin(
                    session, party, batch.Sequences, batch.Policy.Name, isOnce, services.Run, rule.Acts), null);
            },
            cancellationToken);
        return refused;
    }

    private async Task<PolicyOutcome> ApplyAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        Rule rule = batch.Rule!;
        using var limit = new CancellationTokenSource(rule.Timeout, services.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // Who may not do it twice and does not say how it went: nobody knows how far that came.
        DeliveryState broken = batch.Policy!.Effect == EffectKind.AtMostOnce
            ? DeliveryState.Unknown
            : DeliveryState.Failed;
        Task<PolicyOutcome>? effect = null;
        try
        {
            PolicyRequest request = batch.RequestOf(party, services.Host);
            effect = batch.Policy.ApplyAsync(request, stop.Token);
            PolicyOutcome outcome = await effect.WaitAsync(
                rule.Timeout + services.Options.Grace, services.Time, cancellationToken);
            return IsOutcome(outcome.State) ? outcome : new(broken, $"it answered {outcome.State}");
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The attempt stays without an end: the next run finds it, and says what it says of a crash.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault)
        {
            if (effect is { IsCompleted: false }) services.LeftBehindOf(batch.Policy).Add(effect);
            bool isLate = fault is TimeoutException || limit.IsCancellationRequested;
            return new(broken, isLate ? $"no answer within {rule.Timeout}" : fault.Message);
        }
    }

    /// <summary>What is no outcome would be attempted again and again.</summary>
    private static bool IsOutcome(DeliveryState state) => state is DeliveryState.Done or DeliveryState.Ignored
        or DeliveryState.Unsupported or DeliveryState.Failed or DeliveryState.Dead or DeliveryState.Unknown;

    private async Task EndAsync(PushBatch batch, PolicyOutcome outcome, DeliveryState state, DateTimeOffset? next) =>
        await UntilWrittenAsync(session =>
        {
            if (batch.Attempt is { } attempt)
            {
                DeliveryRows.End(
                    session, attempt, party, batch.Sequences, outcome.State, state, outcome.Detail, next);
            }
            else
            {
                foreach (long sequence in batch.Sequences)
                {
                    DeliveryRows.Settle(session, party, sequence, state, outcome.Detail, next);
                }
            }

            return true;
        });

    /// <summary>The effect has happened: that has to be written, however long the ledger is away.</summary>
    private async Task UntilWrittenAsync(Func<LedgerSession, bool> work)
    {
        while (true)
        {
            try
            {
                await ledger.WriteAsync(work, CancellationToken.None);
                return;
            }
            catch (Exception) when (!ledger.IsClosed)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), services.Time);
            }
        }
    }
}
