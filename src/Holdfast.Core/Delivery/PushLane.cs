// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Polly;
using Polly.Retry;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Deliveries of one party about one filesystem, one after the other (C8). An attempt is committed before its effect,
/// its
/// outcome after it (C7). What is dead blocks nobody (C11).
/// </summary>
internal sealed class PushLane(
    FailureLedger ledger, PushLaneServices services, string party, long instance, EffectLimit effects)
{
    private static readonly ResiliencePropertyKey<PushBatch> BatchKey = new("batch");
    private readonly Signal _signal = new();

    internal void Wake() => _signal.Raise();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        ResiliencePipeline<PolicyOutcome> retrying = Retrying();
        while (true)
        {
            try
            {
                if (await NextAsync(cancellationToken) is not { } batch)
                {
                    await _signal.WaitAsync(cancellationToken);
                    continue;
                }

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
        ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { State: DeliveryState.Failed }),
        MaxRetryAttempts = services.Options.AttemptsMax,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = services.Options.RetryFirst,
        MaxDelay = services.Options.RetryMax,
        Randomizer = services.Random.NextDouble,
        OnRetry = async args =>
        {
            PushBatch batch = args.Context.Properties.GetValue(BatchKey, null!);
            DateTimeOffset next = services.Time.GetUtcNow() + args.RetryDelay;
            await EndAsync(batch, args.Outcome.Result!, DeliveryState.Pending, next);
        },
    }).Build();

    private async Task<PushBatch?> NextAsync(CancellationToken cancellationToken)
    {
        PushOptions options = services.Options;
        var due = await ledger.ReadAsync(
            session => DeliveryRows.Due(session, party, instance, options.DigestOver + 1), cancellationToken);
        if (due.Count == 0) return null;
        if (due.Count <= options.DigestOver) return PushBatch.Of(services, [due[0]]);
        // A storm: the same rule's notices as one digest.
        due = await ledger.ReadAsync(
            session => DeliveryRows.Due(session, party, instance, options.DigestMax), cancellationToken);
        return PushBatch.Of(services, [.. due.TakeWhile(at => at.Rule == due[0].Rule)]);
    }

    private async Task DeliverAsync(
        ResiliencePipeline<PolicyOutcome> retrying, PushBatch batch, CancellationToken cancellationToken)
    {
        if (await ObstacleAsync(batch, cancellationToken) is { } obstacle)
        {
            await SettleAsync(batch, obstacle.State, obstacle.Reason, cancellationToken);
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

    private async Task<(DeliveryState State, string Reason)?> ObstacleAsync(
        PushBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Rule is null || batch.Policy is null)
        {
            return (DeliveryState.Unsupported, $"rule {batch.RuleName} is not in the configuration any more");
        }

        if (services.Time.GetUtcNow() - batch.Items[0].Notice.Time > batch.Rule.MaxAge)
        {
            return (DeliveryState.Dead, $"older than {batch.Rule.MaxAge}");
        }

        if (batch.Policy.Effect != EffectKind.AtMostOnce) return null;
        if (await ledger.ReadAsync(Disarm.Reason, cancellationToken) is { } disarmed)
        {
            return (DeliveryState.Ignored, disarmed);
        }

        if (!batch.Rule.Acts) return null;
        if (!services.Rules.ActingEnabled) return (DeliveryState.Ignored, "acting is not turned on (acting.enabled)");
        return batch.Items.All(item => item.Notice.Medium == MediumState.Confirmed)
            ? null
            : (DeliveryState.Ignored, "acts only on what is confirmed");
    }

    private async ValueTask<PolicyOutcome> AttemptAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        if (services.Time.GetUtcNow() - batch.Items[0].Notice.Time > batch.Rule!.MaxAge)
        {
            return new(DeliveryState.Dead, $"older than {batch.Rule.MaxAge}");
        }

        await effects.EnterAsync(cancellationToken);
        try
        {
            bool isOnce = batch.Policy!.Effect == EffectKind.AtMostOnce;
            string? disarmed = await ledger.WriteAsync(
                session =>
                {
                    // Asked once more where it is certain: once "disarmed" is answered, nothing begins any more (C14).
                    if (isOnce && Disarm.Reason(session) is { } reason) return reason;
                    batch.Attempt = DeliveryRows.Begin(
                        session, party, batch.Sequences, batch.Policy.Name, isOnce, services.Run);
                    return null;
                },
                cancellationToken);
            if (disarmed is not null) return new(DeliveryState.Ignored, disarmed);
            return await ApplyAsync(batch, cancellationToken);
        }
        finally
        {
            effects.Leave();
        }
    }

    private async Task<PolicyOutcome> ApplyAsync(PushBatch batch, CancellationToken cancellationToken)
    {
        Rule rule = batch.Rule!;
        using var limit = new CancellationTokenSource(rule.Timeout, services.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool isOnce = batch.Policy!.Effect == EffectKind.AtMostOnce;
        try
        {
            PolicyRequest request = batch.RequestOf(party, services.Host);
            PolicyOutcome outcome = await batch.Policy.ApplyAsync(request, stop.Token)
                .WaitAsync(rule.Timeout + services.Options.Grace, services.Time, cancellationToken);
            return IsOutcome(outcome.State) ? outcome : new(DeliveryState.Failed, $"it answered {outcome.State}");
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The attempt stays without an end: the next run finds it, and says what it says of a crash.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault) when (fault is TimeoutException || limit.IsCancellationRequested)
        {
            return new(isOnce ? DeliveryState.Unknown : DeliveryState.Failed, $"no answer within {rule.Timeout}");
        }
        catch (Exception fault)
        {
            // Thrown from the middle of something that may not be done twice: nobody knows how far it came.
            return new(isOnce ? DeliveryState.Unknown : DeliveryState.Failed, fault.Message);
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

    private async Task SettleAsync(
        PushBatch batch, DeliveryState state, string reason, CancellationToken cancellationToken) =>
        await ledger.WriteAsync(
            session =>
            {
                foreach (long sequence in batch.Sequences) DeliveryRows.Settle(session, party, sequence, state, reason);
                return true;
            },
            cancellationToken);

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
            catch (LedgerUnavailableException) when (!ledger.IsClosed)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), services.Time);
            }
        }
    }
}
