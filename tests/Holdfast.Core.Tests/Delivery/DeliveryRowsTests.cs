// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>Deliveries, attempts and parties in the ledger, worked on directly.</summary>
public sealed class DeliveryRowsTests : IDisposable
{
    private static readonly PartyFilter All = new(null, null, null, null);
    private readonly MemoryLedger _ledger = new();

    private LedgerSession Session => _ledger.Session;

    public void Dispose() => _ledger.Dispose();

    /// <summary>C7: a digest that was broken off touches none of another filesystem's deliveries in between.</summary>
    [Fact]
    public void A_crash_leaves_what_may_not_be_done_twice_unknown_though_a_digest_lay_around_it()
    {
        Insert(1, instance: 1);
        Insert(2, instance: 2);
        Insert(3, instance: 1);
        DeliveryRows.Begin(Session, "p", [1, 3], "log", isOnce: false, "old");
        DeliveryRows.Begin(Session, "p", [2], "command", isOnce: true, "old");
        DeliveryRows.Recover(Session, "new");
        Assert.Equal([DeliveryState.Pending, DeliveryState.Unknown, DeliveryState.Pending], States());
        Assert.Equal(0, _ledger.Count("attempts WHERE ended IS NULL"));
    }

    /// <summary>C8: what turned out to have moved has one order with what it is; others do not count.</summary>
    [Fact]
    public void The_lanes_of_a_filesystem_that_moved_wait_for_each_other_and_for_nobody_else()
    {
        foreach ((long id, long? candidateOf, long? replacedBy) in
            (ReadOnlySpan<(long, long?, long?)>)[(1, null, null), (2, 1, 1), (3, 1, 1), (4, 1, null), (5, null, 1)])
        {
            Session.Execute(
                "INSERT INTO instances (id, type, uuid, candidate_of, replaced_by, created)"
                + " VALUES (?1, 'xfs', 'u', ?2, ?3, 0)",
                id, candidateOf, replacedBy);
        }

        // One that is only a candidate, one that was made over, none at all: each has an order of its own.
        Insert(1, instance: 4);
        Insert(2, instance: 5);
        Insert(3, instance: 0);
        Insert(4, instance: 1);
        Insert(5, instance: 2);
        Insert(6, instance: 3);
        Assert.Equal([null, 5, 4, 4, null, null], FirstElsewhere());
        DeliveryRows.Settle(Session, "p", 4, DeliveryState.Done, null);
        Assert.Equal([null, 5, 6, 5, null, null], FirstElsewhere());
        DeliveryRows.Settle(Session, "p", 5, DeliveryState.Dead, "no");
        Assert.Equal([null, 6, 6, null, null, null], FirstElsewhere());

        long?[] FirstElsewhere() =>
            [.. Enumerable.Range(0, 6).Select(id => DeliveryRows.FirstDueElsewhere(Session, "p", id))];
    }

    /// <summary>C7: attempts of the run that goes on are its own matter.</summary>
    [Fact]
    public void Recovery_leaves_the_attempts_of_its_own_run()
    {
        Insert(1, instance: 1);
        DeliveryRows.Begin(Session, "p", [1], "command", isOnce: true, "now");
        DeliveryRows.Recover(Session, "now");
        Assert.Equal([DeliveryState.Attempting], States());
    }

    /// <summary>C7: what was settled meanwhile, as by the end of its party, is not begun.</summary>
    [Fact]
    public void What_is_settled_is_not_begun()
    {
        Insert(1, instance: 1);
        Parties.Put(Session, "p", PartyKind.Configured, All, null);
        Assert.True(Parties.Remove(Session, "p"));
        Assert.Equal([DeliveryState.Expired], States());
        Assert.Throws<InvalidOperationException>(
            () => DeliveryRows.Begin(Session, "p", [1], "log", isOnce: false, "run"));
    }

    /// <summary>
    /// C11: dead ones are tried again when told to, unknown ones on demand, none of a party that is gone.
    /// </summary>
    [Fact]
    public void Replay_takes_dead_deliveries_and_only_on_demand_unknown_ones()
    {
        Parties.Put(Session, "p", PartyKind.Configured, All, null);
        Insert(1, instance: 1);
        Insert(2, instance: 1);
        DeliveryRows.Settle(Session, "p", 1, DeliveryState.Dead, "no");
        DeliveryRows.Settle(Session, "p", 2, DeliveryState.Unknown, "who knows");
        Assert.Equal(1, DeliveryRows.Requeue(Session, null, null, isUnknownToo: false));
        Assert.Equal([DeliveryState.Pending, DeliveryState.Unknown], States());
        Assert.Equal(1, DeliveryRows.Requeue(Session, "p", null, isUnknownToo: true));
        DeliveryRows.Settle(Session, "p", 1, DeliveryState.Dead, "no");
        Parties.Remove(Session, "p");
        Assert.Equal(0, DeliveryRows.Requeue(Session, null, null, isUnknownToo: true));
    }

    /// <summary>A cursor never moves back, nor beyond what is published.</summary>
    [Fact]
    public void A_cursor_moves_forward_only()
    {
        Parties.Put(Session, "p", PartyKind.Subscriber, All, null);
        for (int i = 0; i < 5; i++) Feed.NextSequence(Session);
        Assert.True(Parties.Acknowledge(Session, "p", 3));
        Assert.True(Parties.Acknowledge(Session, "p", 2));
        Assert.Equal(3, Parties.Find(Session, "p")!.Cursor);
        Assert.True(Parties.Acknowledge(Session, "p", long.MaxValue));
        Assert.Equal(5, Parties.Find(Session, "p")!.Cursor);
        Assert.False(Parties.Acknowledge(Session, "nobody", 1));
    }

    /// <summary>What is not kept any more is said to be so, with the first place that is.</summary>
    [Fact]
    public void A_place_that_was_trimmed_is_refused_by_name()
    {
        Session.Execute("UPDATE meta SET value = 7 WHERE name IN ('sequence', 'trimmed')");
        TrimmedException told = Assert.Throws<TrimmedException>(() => Feed.Page(Session, 6, All, 10));
        Assert.Equal(7, told.Through);
        Assert.Empty(Feed.Page(Session, 7, All, 10).Items);
    }

    private void Insert(long sequence, long instance) => Session.Execute(
        """
        INSERT INTO deliveries (party, notice, sequence, instance, state, attempts, rule, config, updated)
        VALUES ('p', ?1, ?1, ?2, 0, 0, 'r', '', 0)
        """,
        sequence, instance);

    private List<DeliveryState> States() => Session.Rows(
        "SELECT state FROM deliveries ORDER BY sequence", row => (DeliveryState)row.GetInt64(0));
}
