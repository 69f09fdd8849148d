// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>
/// What may stand between a notice and its effect: silences, age, and for what acts everything that C14 asks. The
/// engine and `policy explain` ask the same gates.
/// </summary>
/// <param name="Disarmed">Who disarmed; null while armed.</param>
/// <param name="ActsOfLate">Attempts of acting rules within the last hour.</param>
public sealed record DeliveryGates(string? Disarmed, IReadOnlyList<Silence> Silences, long ActsOfLate)
{
    internal static DeliveryGates Now(LedgerSession session) =>
        new(Disarm.Reason(session), Delivery.Silences.InForce(session), DeliveryRows.ActsOfLate(session));

    /// <summary>Why nothing is to be done now, and what that makes of it; null where nothing is in the way.</summary>
    internal PolicyOutcome? Obstacle(RuleSet rules, DateTimeOffset now, Rule rule, IPolicy policy, FeedItem item)
    {
        if (Delivery.Silences.ReasonFor(Silences, item) is { } silenced) return new(DeliveryState.Ignored, silenced);
        if (TooOld(now, rule, item) is { } old) return old;
        if (policy.Effect == EffectKind.AtMostOnce && Disarmed is not null) return Ignored(Disarmed);
        return rule.Acts ? ObstacleToActing(rules, rule, policy, item) : null;
    }

    internal static PolicyOutcome? TooOld(DateTimeOffset now, Rule rule, FeedItem item) =>
        now - item.Notice.Time > rule.MaxAge ? new(DeliveryState.Dead, $"older than {rule.MaxAge}") : null;

    /// <summary>Asked again in the transaction in which it begins: lanes run side by side.</summary>
    internal static PolicyOutcome? CapReached(RuleSet rules, Rule rule, long actsOfLate) =>
        rule.Acts && actsOfLate >= rules.Acting.PerHourMax
            ? Ignored(string.Create(
                CultureInfo.InvariantCulture,
                $"{actsOfLate} times within the last hour is as often as acting.max_per_hour lets it"))
            : null;

    private PolicyOutcome? ObstacleToActing(RuleSet rules, Rule rule, IPolicy policy, FeedItem item)
    {
        if (!rules.ActingEnabled) return Ignored("acting is not turned on (acting.enabled)");
        if (item.Notice.Medium != MediumState.Confirmed) return Ignored("acts only on what is confirmed");
        if (CapReached(rules, rule, ActsOfLate) is { } reached) return reached;
        return rules.Acting.IsDryRun ? Ignored($"dry run: {policy.Describe(rule)}") with { IsDryRun = true } : null;
    }

    private static PolicyOutcome Ignored(string why) => new(DeliveryState.Ignored, why);
}
