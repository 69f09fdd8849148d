// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests;

/// <summary>The notifier whole, on a ledger in a file, in real time: what its parts promise together.</summary>
public sealed class NotifierTests : IDisposable
{
    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1 << 30);

    private readonly NotifierPlace _place = new();
    private readonly RecordingPolicy _policy = new();

    public void Dispose() => _place.Dispose();

    /// <summary>C3, C4: deferred while the holder is not ready; replayed in order, resolved, once it is live.</summary>
    [Fact]
    public async Task What_comes_too_early_waits_and_is_replayed_with_its_impacts()
    {
        await using Notifier notifier = await StartAsync();
        Party party = await notifier.PutPartyAsync("me", new(null, null, null, null), null, default);
        Holder claimed = await notifier.PutHolderAsync(Claim(HolderState.Claimed), default);
        await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        await notifier.ReportAsync(ReportOf("b", new(65536, 512)), default);
        NotifierStatus status = await notifier.StatusAsync(default);
        Assert.Equal((2, 2), (status.OpenFailures, status.Waiting));
        Assert.Empty((await notifier.FeedAsync(party, 0, 10, default)).Items);

        await notifier.PutHolderAsync(Claim(HolderState.SuperblockRead) with { Epoch = claimed.Epoch }, default);
        await notifier.PutHolderAsync(Claim(HolderState.Live) with { Epoch = claimed.Epoch }, default);
        List<FeedItem> items = await FeedOfAsync(notifier, party, 2);
        Assert.Equal([4096L, 65536L], items.Select(item => item.Notice.Range.Offset));
        Assert.All(items, item => Assert.True(item.Notice is { IsReplayed: true, IsComplete: true }));
        Assert.Equal("file-at-4096", Encoding.UTF8.GetString(items[0].Subjects[0].Paths[0]));
        FeedPage? own = await notifier.HolderFeedAsync("fs", null, 10, default);
        Assert.Equal(2, own!.Items.Count);
        await notifier.AcknowledgeAsHolderAsync("fs", own.Next, default);
        Assert.Empty((await notifier.HolderFeedAsync("fs", null, 10, default))!.Items);
    }

    /// <summary>C1: the same key is the same report, also after a restart.</summary>
    [Fact]
    public async Task A_restarted_notifier_knows_what_the_last_one_accepted()
    {
        ReportReceipt first;
        await using (Notifier notifier = await StartAsync())
        {
            first = await notifier.ReportAsync(ReportOf("a", new(0, 512)), default);
        }

        await using Notifier again = await StartAsync();
        ReportReceipt second = await again.ReportAsync(ReportOf("a", new(0, 512)), default);
        Assert.True(second.IsDuplicate);
        Assert.Equal(first.Failures, second.Failures);
        Assert.Single((await again.ListAsync(new(), default)).Items);
    }

    /// <summary>C7: a configured party's rule runs its policy, and the outcome is on record.</summary>
    [Fact]
    public async Task A_rule_runs_its_policy_once_a_notice()
    {
        await using Notifier notifier = await StartAsync();
        ReportReceipt receipt = await notifier.ReportAsync(ReportOf("a", new(0, 512)), default);
        PolicyRequest request = await _policy.Requests.Reader.ReadAsync();
        Assert.Equal("oncall", request.Party);
        Guid id = receipt.Failures[0].Id;
        FailureDetail? detail;
        do detail = await notifier.ShowAsync(id, default);
        while (detail!.Deliveries is not [{ State: DeliveryState.Done }]);
        Assert.Equal(("tell", 1), (detail.Deliveries[0].Rule, detail.Deliveries[0].Attempts));
    }

    private static async Task<List<FeedItem>> FeedOfAsync(Notifier notifier, Party party, int count)
    {
        while (true)
        {
            Task news = notifier.NextNotice;
            FeedPage page = await notifier.FeedAsync(party, 0, 100, default);
            if (page.Items.Count >= count) return [.. page.Items];
            await news.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private static Report ReportOf(string key, ByteRange range) => NotifierPlace.ReportOf(key, Disk, range);

    private static HolderClaim Claim(HolderState state)
    {
        HolderClaim claim = NotifierPlace.Live("fs", Disk) with { State = state };
        return state == HolderState.Claimed ? claim with { Filesystem = null } : claim;
    }

    private Task<Notifier> StartAsync() => Notifier.StartAsync(
        _place.Options with
        {
            Rules = new([new Rule { Name = "tell", When = new(), Policy = "record" }], "hash", false),
            Parties = [new("oncall", new(null, null, null, null))],
            Policies = [_policy],
        },
        default);
}
