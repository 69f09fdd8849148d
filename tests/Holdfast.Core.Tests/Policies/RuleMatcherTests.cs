// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Policies;

/// <summary>Which rule decides, and what `policy explain` says of it (C4, C14).</summary>
public sealed class RuleMatcherTests
{
    private const string Impacts =
        "[{\"owner\":\"inode\",\"severity\":\"file_data\",\"paths\":[\"pg/base/1\",\"other\"]}]";

    private static readonly FeedItem Item = Requests.Item(Requests.Notice(Impacts));

    private static Party Oncall => new()
    {
        Name = "oncall", Kind = PartyKind.Configured, Filter = new(null, null, null, null), Cursor = 0,
        LastSeen = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void The_first_rule_that_holds_decides()
    {
        var rules = new RuleSet([Rule("a", new() { Party = "dba" }), Rule("b", new()), Rule("c", new())], "", false);
        Assert.Equal("b", RuleMatcher.Decide(rules, "oncall", Item)?.Name);
        Assert.Equal("a", RuleMatcher.Decide(rules, "dba", Item)?.Name);
        Assert.Null(RuleMatcher.Decide(RuleSet.None, "oncall", Item));
    }

    /// <summary>Each part of a condition: one value that holds, one that does not, and the reason.</summary>
    [Theory]
    [InlineData("party", "oncall", "dba", "party is oncall, not dba")]
    [InlineData("medium", "confirmed", "suspect", "medium is confirmed, not suspect")]
    [InlineData("content", "lost", "restored", "content is lost, not restored")]
    [InlineData("kind", "media", "absent", "kind is media, not absent")]
    [InlineData("device", "/dev/sdx", "/dev/sdy", "device is /dev/sdx, not /dev/sdy")]
    [InlineData("device", "serial:TEST", "serial:OTHER", "device is /dev/sdx, not serial:OTHER")]
    [InlineData("path", "/pg", "/p", "no impact fits path /p")]
    [InlineData("owner", "inode", "log", "no impact fits owner log")]
    [InlineData("fs", Requests.Fs, "99999999-2222-3333-4444-555555555555",
        "no impact fits fs 99999999-2222-3333-4444-555555555555")]
    public void A_part_that_does_not_hold_is_the_reason(string part, string holds, string holdsNot, string why)
    {
        var rules = new RuleSet([Rule("yes", When(part, holds)), Rule("no", When(part, holdsNot))], "", false);
        IReadOnlyList<RuleVerdict> verdicts = RuleMatcher.Explain(rules, "oncall", Item);
        Assert.Equal((true, null), (verdicts[0].Matches, verdicts[0].Why));
        Assert.Equal((false, why), (verdicts[1].Matches, verdicts[1].Why));
    }

    [Fact]
    public void Severity_is_the_least_that_holds()
    {
        FeedItem metadata = Requests.Item(Requests.Notice(
            "[{\"owner\":\"ag\",\"severity\":\"metadata\",\"paths\":[]}]"));
        bool Holds(string least) => RuleMatcher.Decide(
            new([Rule("r", new() { Severity = least })], "", false), "oncall", metadata) is not null;
        Assert.Equal((true, true, false), (Holds("harmless"), Holds("metadata"), Holds("file_data")));
    }

    /// <summary>C11: who asks for no path hears of what has none, however the filter was made.</summary>
    [Fact]
    public void No_path_is_no_filter()
    {
        byte[]? none = null;
        FeedItem metadata = Requests.Item(Requests.Notice(
            "[{\"owner\":\"ag\",\"severity\":\"metadata\",\"paths\":[]}]"));
        Assert.Null(new PartyFilter(none, null, null, null).Path);
        Assert.True(FilterMatch.Holds(new(none, null, null, null), metadata));
        Assert.True(FilterMatch.Holds(new(Array.Empty<byte>(), null, "ag", null), metadata));
        Assert.False(FilterMatch.Holds(new(new byte[] { (byte)'a' }, null, null, null), metadata));
        Assert.NotNull(RuleMatcher.Decide(new([Rule("r", new())], "", false), "oncall", metadata));
    }

    /// <summary>C14: a command that acts is explained as doing nothing until acting is on and confirmed.</summary>
    [Theory]
    [InlineData(
        false, MediumState.Confirmed, "nothing, for acting is not turned on (acting.enabled); else: remember it")]
    [InlineData(true, MediumState.Suspect, "nothing, for acts only on what is confirmed; else: remember it")]
    [InlineData(true, MediumState.Confirmed, "remember it")]
    public void What_acts_is_explained_with_its_conditions(bool acting, MediumState medium, string would)
    {
        var rules = new RuleSet([Rule("act", new()) with { Acts = true }], "", acting);
        FeedItem item = Requests.Item(Requests.Notice(Impacts) with { Medium = medium });
        PartyExplanationJson told = Explain(rules, Oncall, item);
        Assert.Equal(("act", would), (told.Rule, told.Would));
    }

    [Fact]
    public void A_policy_that_is_not_here_is_told()
    {
        var rules = new RuleSet([Rule("r", new()) with { Policy = "page" }], "", false);
        PartyExplanationJson told = Explain(rules, Oncall, Item);
        Assert.Equal("nothing: there is no policy page here", told.Would);
    }

    [Fact]
    public void What_the_filter_leaves_out_reaches_no_rule()
    {
        Party party = Oncall with { Filter = new(Encoding.UTF8.GetBytes("/home"), null, null, null) };
        var rules = new RuleSet([Rule("r", new())], "", false);
        PartyExplanationJson told = Explain(rules, party, Item);
        Assert.Equal((null, "nothing: the party's filter leaves it out"), (told.Rule, told.Would));
    }

    private static PartyExplanationJson Explain(RuleSet rules, Party party, FeedItem item) =>
        PolicyExplanation.Of(rules, [new RecordingPolicy()], party, item, new(null, [], 0), item.Notice.Time);

    private static Rule Rule(string name, RuleCondition when) => new() { Name = name, When = when, Policy = "record" };

    private static RuleCondition When(string part, string value) => part switch
    {
        "party" => new() { Party = value },
        "medium" => new() { Medium = value },
        "content" => new() { Content = value },
        "kind" => new() { Kind = value },
        "device" => new() { Device = value },
        "path" => new() { Path = value },
        "owner" => new() { Owner = value },
        _ => new() { Filesystem = value },
    };
}
