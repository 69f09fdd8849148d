// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>Which rule would do what for a party, and why: without doing it.</summary>
public static class PolicyExplanation
{
    public static PartyExplanationJson Of(
        RuleSet rules, IReadOnlyList<IPolicy> policies, Party party, FeedItem item)
    {
        if (!FilterMatch.Holds(party.Filter, item))
        {
            return new(party.Name, null, "ignore", "nothing: the party's filter leaves it out", []);
        }

        IReadOnlyList<RuleVerdict> verdicts = RuleMatcher.Explain(rules, party.Name, item);
        Rule? rule = verdicts.FirstOrDefault(verdict => verdict.Matches)?.Rule;
        return new(
            party.Name, rule?.Name, rule?.Policy ?? "report", WouldOf(rules, policies, rule, item),
            [.. verdicts.Select(verdict => new RuleVerdictJson(verdict.Rule.Name, verdict.Matches, verdict.Why))]);
    }

    private static string WouldOf(RuleSet rules, IReadOnlyList<IPolicy> policies, Rule? rule, FeedItem item)
    {
        if (rule is null or { Policy: "report" }) return "nothing more than to stand in the party's feed";
        if (rule.Policy == "ignore") return "nothing: the rule ignores it";
        IPolicy? policy = policies.FirstOrDefault(at => at.Name == rule.Policy);
        if (policy is null) return $"nothing: there is no policy {rule.Policy} here";
        if (!rule.Acts) return policy.Describe(rule);
        if (!rules.ActingEnabled) return $"nothing, for acting is not turned on; else: {policy.Describe(rule)}";
        return item.Notice.Medium == MediumState.Confirmed
            ? policy.Describe(rule)
            : $"nothing, for it is not confirmed; else: {policy.Describe(rule)}";
    }
}
