// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>What is delivered at once: one notice, or a digest of many.</summary>
internal sealed class PushBatch
{
    private const int DigestFirst = 100;

    private PushBatch(string ruleName, Rule? rule, IPolicy? policy, IReadOnlyList<FeedItem> items, long? nextAttempt)
    {
        RuleName = ruleName;
        Rule = rule;
        Policy = policy;
        Items = items;
        Sequences = [.. items.Select(item => item.Notice.Sequence ?? 0)];
        NextAttempt = nextAttempt is { } next ? LedgerSession.TimeOf(next) : null;
    }

    internal string RuleName { get; }

    internal Rule? Rule { get; }

    internal IPolicy? Policy { get; }

    internal IReadOnlyList<FeedItem> Items { get; }

    internal IReadOnlyList<long> Sequences { get; }

    internal DateTimeOffset? NextAttempt { get; }

    /// <summary>The ledger's number of the attempt that is under way.</summary>
    internal long? Attempt { get; set; }

    internal static PushBatch Of(
        PushLaneServices services,
        IReadOnlyList<(long Sequence, string Rule, long? NextAttempt, int Attempts, FeedItem Item)> due)
    {
        Rule? rule = services.Rules.Rules.FirstOrDefault(at => at.Name == due[0].Rule);
        IPolicy? policy = rule is null ? null : services.Policies.GetValueOrDefault(rule.Policy);
        return new(due[0].Rule, rule, policy, [.. due.Select(at => at.Item)], due[0].NextAttempt);
    }

    internal static PushBatch UndurableOf(Rule rule, IPolicy policy, FeedItem item) =>
        new(rule.Name, rule, policy, [item], nextAttempt: null);

    internal PolicyRequest RequestOf(string party, string host)
    {
        Notice first = Items[0].Notice;
        string key = Items.Count == 1
            ? $"{party}/{Wire.KeyOf(first)}"
            : string.Create(CultureInfo.InvariantCulture, $"{party}/digest/{Sequences[0]}-{Sequences[^1]}");
        byte[] payload = Items.Count == 1
            ? JsonSerializer.SerializeToUtf8Bytes(NoticeOf(Items[0], host), ContractJson.Default.NoticeJson)
            : JsonSerializer.SerializeToUtf8Bytes(DigestOf(party, key, host), ContractJson.Default.DigestJson);
        return new(party, Rule!, [.. Items.Select(item => item.Notice)], payload, key);
    }

    private DigestJson DigestOf(string party, string key, string host) => new()
    {
        Key = key,
        Party = party,
        Notices = Items.Count,
        FirstSeq = Sequences[0],
        LastSeq = Sequences[^1],
        Bytes = Items.GroupBy(item => item.Notice.Device)
            .Sum(device => ByteRangeSet.From(device.Select(item => item.Notice.Range)).TotalLength),
        Devices = [.. Items.DistinctBy(item => item.Notice.Device).Select(item => Wire.Of(item.Device))],
        First = [.. Items.Take(DigestFirst).Select(item => NoticeOf(item, host))],
        Host = host,
    };

    private static NoticeJson NoticeOf(FeedItem item, string host) =>
        Wire.Of(item, item.Notice.Sequence, previous: null, host);
}
