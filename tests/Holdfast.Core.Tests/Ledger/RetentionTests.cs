// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>What was settled long ago is forgotten, in bounded steps; nothing that somebody still needs is.</summary>
public sealed class RetentionTests : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(30);
    private static readonly PartyFilter All = new(null, null, null, null);

    private readonly StepTime _time = new();
    private readonly MemoryLedger _ledger;
    private readonly Reconciler _reconciler;
    private readonly FailureActions _actions;

    public RetentionTests()
    {
        var ids = new FailureIds(_time, new Random(1));
        _ledger = new(_time);
        _reconciler = new(ids);
        _actions = new(ids);
    }

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_failure_settled_long_ago_is_forgotten_with_everything_of_it()
    {
        Settled(0);
        _time.Advance(Keep + TimeSpan.FromDays(1));
        Assert.Equal(1, Run().Failures);
        foreach (string table in (string[])["failures", "history", "notices", "reports", "deliveries"])
        {
            Assert.Equal(0, _ledger.Count(table));
        }
    }

    [Fact]
    public void An_open_failure_is_never_dropped()
    {
        Guid open = Reported(0);
        long history = _ledger.Count("history");
        _time.Advance(TimeSpan.FromDays(4000));
        Assert.Equal(0, Run().Failures);
        Assert.NotNull(FailureRows.Find(_ledger.Session, open));
        Assert.Equal(history, _ledger.Count("history"));
        Assert.Equal(1, _ledger.Count("notices"));
        // Only the key is: nobody retries for years.
        Assert.Equal(0, _ledger.Count("reports"));
    }

    [Fact]
    public void C5_settled_content_on_a_medium_that_is_still_bad_is_kept()
    {
        Guid id = Reported(0);
        _actions.Clear(_ledger.Session, id, ContentState.Dismissed, "root", null);
        _time.Advance(TimeSpan.FromDays(4000));
        Assert.Equal(0, Run().Failures);
        Assert.NotNull(FailureRows.Find(_ledger.Session, id));
    }

    [Fact]
    public void What_was_settled_within_the_time_is_kept()
    {
        Settled(0);
        _time.Advance(Keep - TimeSpan.FromDays(1));
        Assert.Equal(0, Run().Failures);
    }

    [Fact]
    public void C11_a_party_that_still_comes_holds_back_what_it_has_not_got_and_a_dead_one_does_not()
    {
        Parties.Put(_ledger.Session, "slow", PartyKind.Subscriber, All, null);
        Settled(0);
        _time.Advance(Keep + TimeSpan.FromDays(1));
        Parties.Seen(_ledger.Session, "slow");
        Assert.Equal(0, Run().Failures);
        Parties.Acknowledge(_ledger.Session, "slow", Feed.LastSequence(_ledger.Session));
        Assert.Equal(1, Run().Failures);

        Settled(1 << 20);
        _time.Advance(Keep + TimeSpan.FromDays(1));
        Assert.Equal(1, Run().Failures);
        long behind = Parties.Find(_ledger.Session, "slow")!.Cursor;
        Assert.Throws<TrimmedException>(() => Feed.Page(_ledger.Session, behind, All, 10));
        Assert.Empty(Feed.Page(_ledger.Session, Feed.Trimmed(_ledger.Session), All, 10).Items);
    }

    [Fact]
    public void C7_a_delivery_that_is_not_done_holds_its_failure()
    {
        Settled(0);
        FeedItem item = Feed.Page(_ledger.Session, 0, All, 1).Items[0];
        DeliveryRows.Insert(_ledger.Session, "oncall", item, DeliveryState.Pending, null, "rule", "hash");
        _time.Advance(Keep + TimeSpan.FromDays(1));
        Assert.Equal(0, Run().Failures);
        DeliveryRows.Settle(_ledger.Session, "oncall", item.Notice.Sequence!.Value, DeliveryState.Done, null);
        Assert.Equal(1, Run().Failures);
        Assert.Equal(0, _ledger.Count("deliveries"));
    }

    [Fact]
    public void An_exporter_holds_back_what_it_has_not_got()
    {
        Settled(0);
        _time.Advance(Keep + TimeSpan.FromDays(1));
        _ledger.Session.Execute("INSERT INTO exporters VALUES ('fleet', 1, ?1)", _ledger.Session.Now);
        Assert.Equal(0, Run().Failures);
        _ledger.Session.Execute("UPDATE exporters SET cursor = (SELECT max(seq) FROM history)");
        Assert.Equal(1, Run().Failures);
    }

    [Fact]
    public void Every_step_is_bounded_and_all_of_them_together_forget_everything()
    {
        for (int i = 0; i < 700; i++) Settled(i * 8192L);
        Guid open = Reported(1L << 30);
        _time.Advance(Keep + TimeSpan.FromDays(1));
        int steps = 0;
        Guid at = Guid.Empty;
        for (bool isMore = true; isMore; steps++)
        {
            (RetentionStep step, at) = Retention.Step(_ledger.Session, Keep, at);
            Assert.InRange(step.Rows, 0, 510);
            isMore = step.IsMore;
        }

        Assert.True(steps > 3);
        Assert.Equal(1, _ledger.Count("failures"));
        Assert.NotNull(FailureRows.Find(_ledger.Session, open));
    }

    private RetentionStep Run()
    {
        var sum = new RetentionStep(0, 0, true);
        Guid at = Guid.Empty;
        while (sum.IsMore)
        {
            (RetentionStep step, at) = Retention.Step(_ledger.Session, Keep, at);
            sum = new(sum.Failures + step.Failures, sum.Rows + step.Rows, step.IsMore);
        }

        return sum;
    }

    private Guid Reported(long offset) =>
        _reconciler.Apply(_ledger.Session, LedgerRows.ReportOf($"at {offset}", new(offset, 4096))).Failures[0].Id;

    /// <summary>Rewritten, and the medium reads again.</summary>
    private void Settled(long offset)
    {
        Guid id = Reported(offset);
        _actions.Clear(_ledger.Session, id, ContentState.Rewritten, "root", null);
        _reconciler.Apply(
            _ledger.Session,
            LedgerRows.ReportOf($"well {offset}", new(offset, 4096)) with { Medium = MediumState.Readable });
    }
}
