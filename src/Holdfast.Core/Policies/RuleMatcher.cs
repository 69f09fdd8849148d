// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>What one rule says of one notice.</summary>
/// <param name="Why">The condition that did not hold; null where all hold.</param>
public sealed record RuleVerdict(Rule Rule, bool Matches, string? Why);

/// <summary>Asks rules in order; the first whose condition holds decides.</summary>
public static class RuleMatcher
{
    /// <summary>
    /// The deciding rule; null where none does: then the party reads its feed, and nothing is done to it.
    /// </summary>
    public static Rule? Decide(RuleSet rules, string party, FeedItem item) =>
        rules.Rules.FirstOrDefault(rule => Obstacle(rule.When, party, item) is null);

    /// <summary>Every rule with its reason, for `policy explain`.</summary>
    public static IReadOnlyList<RuleVerdict> Explain(RuleSet rules, string party, FeedItem item) =>
        [.. rules.Rules.Select(rule => Obstacle(rule.When, party, item) is { } why
            ? new RuleVerdict(rule, false, why)
            : new RuleVerdict(rule, true, null))];

    private static string? Obstacle(RuleCondition when, string party, FeedItem item)
    {
        Notice notice = item.Notice;
        if (when.Party is { } name && name != party) return $"party is {party}, not {name}";
        if (when.Medium is { } medium && medium != Words.Of(notice.Medium))
        {
            return $"medium is {Words.Of(notice.Medium)}, not {medium}";
        }

        if (when.Content is { } content && content != Words.Of(notice.Content))
        {
            return $"content is {Words.Of(notice.Content)}, not {content}";
        }

        if (when.Kind is { } kind
            && kind != Words.Of(notice.Kind)) return $"kind is {Words.Of(notice.Kind)}, not {kind}";
        if (when.Device is { } device && device != item.Device.Identity && device != item.Device.Name)
        {
            return $"device is {item.Device.Name}, not {device}";
        }

        var filter = new PartyFilter(
            when.Path is { } path ? System.Text.Encoding.UTF8.GetBytes(path) : null, when.Filesystem, when.Owner,
            when.Severity);
        return FilterMatch.Holds(filter, item) ? null : "no impact fits " + Text(when);
    }

    private static string Text(RuleCondition when)
    {
        string[] parts =
        [
            when.Filesystem is { } fs ? $"fs {fs}" : "", when.Path is { } path ? $"path {path}" : "",
            when.Owner is { } owner ? $"owner {owner}" : "", when.Severity is { } least ? $"severity {least} or more"
                : "",
        ];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }
}
