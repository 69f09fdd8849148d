// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>Which rule would do what for a party, and why: without doing it.</summary>
public static class PolicyExplanation
{
    /// <param name="gates">As they stand now.</param>
    public static PartyExplanationJson Of(
        RuleSet rules, IReadOnlyList<IPolicy> policies, Party party, FeedItem item, DeliveryGates gates,
        DateTimeOffset now)
    {
        if (!FilterMatch.Holds(party.Filter, item))
        {
            return new(party.Name, null, "ignore", "nothing: the party's filter leaves it out", []);
        }

        IReadOnlyList<RuleVerdict> verdicts = RuleMatcher.Explain(rules, party.Name, item);
        Rule? rule = verdicts.FirstOrDefault(verdict => verdict.Matches)?.Rule;
        return new(
            party.Name, rule?.Name, rule?.Policy ?? "report", WouldOf(rules, policies, rule, item, gates, now),
            [.. verdicts.Select(verdict => new RuleVerdictJson(verdict.Rule.Name, verdict.Matches, verdict.Why))]);
    }

    private static string WouldOf(
        RuleSet rules, IReadOnlyList<IPolicy> policies, Rule? rule, FeedItem item, DeliveryGates gates,
        DateTimeOffset now)
    {
        IPolicy? policy = rule is null ? NoEffectPolicy.Report
            : NoEffectPolicy.Find(rule.Policy) ?? policies.FirstOrDefault(at => at.Name == rule.Policy);
        if (policy is null) return $"nothing: there is no policy {rule!.Policy} here";
        // A silence holds for a party without any rule too.
        string? why = rule is null
            ? Silences.ReasonFor(gates.Silences, item)
            : gates.Obstacle(rules, now, rule, policy, item)?.Detail;
        string would = rule is null ? "nothing more than to stand in the party's feed" : policy.Describe(rule);
        return why is null ? would : $"nothing, for {why}; else: {would}";
    }
}
