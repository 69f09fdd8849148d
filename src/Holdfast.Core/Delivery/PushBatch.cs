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

    private PushBatch(Rule? rule, IPolicy? policy, IReadOnlyList<FeedItem> items)
    {
        Rule = rule;
        Policy = policy;
        Items = items;
        Sequences = [.. items.Select(item => item.Notice.Sequence ?? 0)];
    }

    internal Rule? Rule { get; }

    internal IPolicy? Policy { get; }

    internal IReadOnlyList<FeedItem> Items { get; }

    internal IReadOnlyList<long> Sequences { get; }

    internal DateTimeOffset? NextAttempt { get; private init; }

    /// <summary>Begun before, also by former runs.</summary>
    internal int Attempts { get; private init; }

    /// <summary>Why nothing is to be done, and what that makes of it; null where it is to be attempted.</summary>
    internal PolicyOutcome? Obstacle { get; private init; }

    /// <summary>The ledger's number of the attempt that is under way.</summary>
    internal long? Attempt { get; set; }

    /// <summary>The first, and of those behind it all that are treated alike: what holds of one holds of all.</summary>
    internal static PushBatch Of(PushLaneServices services, DeliveryGates gates, IReadOnlyList<DueDelivery> due)
    {
        DueDelivery first = due[0];
        Rule? rule = services.Rules.Rules.FirstOrDefault(at => at.Name == first.Rule);
        IPolicy? policy = rule is null ? null : services.Policies.GetValueOrDefault(rule.Policy);
        PolicyOutcome? obstacle = ObstacleTo(services, gates, rule, policy, first);
        List<DueDelivery> alike =
        [
            .. due.TakeWhile(at => at.Rule == first.Rule && ObstacleTo(services, gates, rule, policy, at) == obstacle),
        ];
        return new(rule, policy, [.. alike.Select(at => at.Item)])
        {
            NextAttempt = first.NextAttempt is { } next ? LedgerSession.TimeOf(next) : null,
            Attempts = alike.Max(at => at.Attempts),
            Obstacle = obstacle,
        };
    }

    private static PolicyOutcome? ObstacleTo(
        PushLaneServices services, DeliveryGates gates, Rule? rule, IPolicy? policy, DueDelivery due)
    {
        if (rule is null || policy is null)
        {
            return new(DeliveryState.Unsupported, $"rule {due.Rule} is not in the configuration any more");
        }

        return gates.Obstacle(services.Rules, services.Time.GetUtcNow(), rule, policy, due.Item)
            ?? (due.Attempts >= services.Options.AttemptsMax
                ? new(DeliveryState.Dead, $"given up after {due.Attempts} attempts")
                : null);
    }

    internal static PushBatch UndurableOf(Rule rule, IPolicy policy, FeedItem item) => new(rule, policy, [item]);

    internal PolicyRequest RequestOf(string party, string host)
    {
        string key = Items.Count == 1
            ? $"{party}/{Wire.KeyOf(Items[0])}"
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
