// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>What an administrator has said that may stand between a notice and its effect.</summary>
/// <param name="Disarmed">Who disarmed; null while armed.</param>
internal sealed record DeliveryGates(string? Disarmed, List<Silence> Silences)
{
    internal static DeliveryGates Now(LedgerSession session) =>
        new(Disarm.Reason(session), Delivery.Silences.InForce(session));

    /// <summary>Why nothing is to be done now, and what that makes of it; null where nothing is in the way.</summary>
    internal PolicyOutcome? Obstacle(PushLaneServices services, Rule? rule, IPolicy? policy, DueDelivery due)
    {
        if (rule is null || policy is null)
        {
            return new(DeliveryState.Unsupported, $"rule {due.Rule} is not in the configuration any more");
        }

        if (Delivery.Silences.ReasonFor(Silences, due.Item) is { } silenced)
        {
            return new(DeliveryState.Ignored, silenced);
        }

        if (TooOld(services, rule, due.Item) is { } old) return old;
        if (due.Attempts >= services.Options.AttemptsMax)
        {
            return new(DeliveryState.Dead, $"given up after {due.Attempts} attempts");
        }

        if (policy.Effect != EffectKind.AtMostOnce) return null;
        if (Disarmed is not null) return new(DeliveryState.Ignored, Disarmed);
        if (!rule.Acts) return null;
        if (!services.Rules.ActingEnabled)
        {
            return new(DeliveryState.Ignored, "acting is not turned on (acting.enabled)");
        }

        return due.Item.Notice.Medium == MediumState.Confirmed
            ? null
            : new(DeliveryState.Ignored, "acts only on what is confirmed");
    }

    internal static PolicyOutcome? TooOld(PushLaneServices services, Rule rule, FeedItem item) =>
        services.Time.GetUtcNow() - item.Notice.Time > rule.MaxAge
            ? new(DeliveryState.Dead, $"older than {rule.MaxAge}")
            : null;
}
