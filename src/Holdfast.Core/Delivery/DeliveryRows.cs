// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Deliveries and attempts in the ledger.</summary>
internal static class DeliveryRows
{
    /// <summary>The detail kept of an attempt.</summary>
    private const int DetailMax = 4096;

    private const long HourMicroseconds = 3600L * 1000 * 1000;

    /// <summary>A lane's next deliveries before a sequence with their notices, in order.</summary>
    internal static List<DueDelivery> Due(
        LedgerSession session, string party, long instance, long before, int limit)
    {
        var names = new FeedNames(session);
        string notice = string.Join(", ", NoticeRows.Columns.Split(", ").Select(column => "n." + column));
        return session.Rows(
            $"""
            SELECT {notice}, d.sequence, d.rule, d.next_attempt, d.attempts
            FROM deliveries d JOIN notices n ON n.number = d.notice
            WHERE d.party = ?1 AND d.instance = ?2 AND d.state IN (0, 2) AND d.sequence < ?3
            ORDER BY d.sequence LIMIT ?4
            """,
            row => new DueDelivery(
                row.GetInt64(18), row.GetString(19), row.Int64At(20), (int)row.GetInt64(21),
                names.ItemOf(NoticeRows.Of(row))),
            party, instance, before, (long)limit);
    }

    /// <summary>
    /// The first that is due elsewhere of the same filesystem: what it was taken for until it was told that it had
    /// moved (C6) has lanes of its own, and all of them together have one order (C8).
    /// </summary>
    internal static long? FirstDueElsewhere(LedgerSession session, string party, long instance) =>
        session.Scalar<long?>(
            """
            WITH whole(id) AS (SELECT coalesce(
                (SELECT replaced_by FROM instances WHERE id = ?2 AND candidate_of = replaced_by), ?2))
            SELECT min((SELECT min(sequence) FROM deliveries
                WHERE party = ?1 AND instance = elsewhere.id AND state IN (0, 2)))
            FROM (
                SELECT id FROM whole
                UNION ALL
                SELECT i.id FROM whole JOIN instances i ON i.replaced_by = whole.id
                WHERE i.candidate_of = i.replaced_by) elsewhere
            WHERE elsewhere.id <> ?2
            """,
            party, instance);

    /// <summary>How many a lane has before a sequence, counted no further than a limit.</summary>
    internal static long CountDue(LedgerSession session, string party, long instance, long before, int limit) =>
        session.Scalar<long>(
            "SELECT count(*) FROM (SELECT 1 FROM deliveries"
            + " WHERE party = ?1 AND instance = ?2 AND state IN (0, 2) AND sequence < ?3 LIMIT ?4)",
            party, instance, before, (long)limit);

    /// <summary>Instances (0: none) for which a party has something due, by the index.</summary>
    internal static List<long> DueInstances(LedgerSession session, string party)
    {
        var instances = new List<long>();
        for (long? last = long.MinValue; last is not null;)
        {
            last = session.Scalar<long?>(
                "SELECT min(instance) FROM deliveries WHERE state IN (0, 2) AND party = ?1 AND instance > ?2",
                party, last.Value);
            if (last is { } instance) instances.Add(instance);
        }

        return instances;
    }

    internal static void Insert(
        LedgerSession session, string party, FeedItem item, DeliveryState state, string? reason, string? rule,
        string config) => session.Execute(
        """
        INSERT OR IGNORE INTO deliveries (
            party, notice, sequence, instance, state, attempts, reason, rule, config, updated)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9)
        """,
        party, item.Notice.Number, item.Notice.Sequence, item.Notice.Instance ?? 0, (long)state, reason, rule, config,
        session.Now);

    /// <summary>Commits what is about to be done, before it is done (C7).</summary>
    /// <exception cref="InvalidOperationException">Some of it is not to be done any more.</exception>
    internal static long Begin(
        LedgerSession session, string party, IReadOnlyList<long> sequences, string policy, bool isOnce, string run,
        bool acts = false)
    {
        long attempt = session.Scalar<long>(
            "INSERT INTO attempts (party, sequence, through, policy, once, acts, run, started)"
            + " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
            party, sequences[0], sequences[^1], policy, isOnce, acts, run, session.Now);
        foreach (long sequence in sequences)
        {
            int begun = session.Execute(
                "UPDATE deliveries SET state = 2, attempts = attempts + 1, next_attempt = NULL, attempt = ?3,"
                + " updated = ?4"
                + " WHERE party = ?1 AND sequence = ?2 AND state IN (0, 2)",
                party, sequence, attempt, session.Now);
            if (begun == 0) throw new InvalidOperationException($"delivery {sequence} of {party} is settled");
        }

        return attempt;
    }

    /// <summary>Attempts of acting rules within the last hour, by whatever run (C14).</summary>
    internal static long ActsOfLate(LedgerSession session) => session.Scalar<long>(
        "SELECT count(*) FROM attempts WHERE acts AND started > ?1", session.Now - HourMicroseconds);

    internal static void End(
        LedgerSession session, long attempt, string party, IReadOnlyList<long> sequences, DeliveryState attempted,
        DeliveryState state, string? detail, DateTimeOffset? nextAttempt)
    {
        string? kept = detail is { Length: > DetailMax } ? detail[..DetailMax] : detail;
        session.Execute(
            "UPDATE attempts SET ended = ?2, outcome = ?3, detail = ?4 WHERE id = ?1",
            attempt, session.Now, (long)attempted, kept);
        foreach (long sequence in sequences)
        {
            Settle(session, party, sequence, state, kept, nextAttempt);
        }
    }

    internal static void Settle(
        LedgerSession session, string party, long sequence, DeliveryState state, string? reason,
        DateTimeOffset? nextAttempt = null) => session.Execute(
        "UPDATE deliveries SET state = ?3, reason = ?4, next_attempt = ?5, updated = ?6"
        + " WHERE party = ?1 AND sequence = ?2",
        party, sequence, (long)state, reason,
        nextAttempt is { } next ? LedgerSession.Microseconds(next) : null, session.Now);

    /// <summary>
    /// Attempts that a former run left without an end: what may be done twice is tried again, the outcome of the rest
    /// is unknown and stays so (C7).
    /// </summary>
    internal static void Recover(LedgerSession session, string run)
    {
        List<(long Id, string Party, long First, long Last, bool IsOnce)> open = session.Rows(
            "SELECT id, party, sequence, through, once FROM attempts WHERE ended IS NULL AND run <> ?1",
            row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4) != 0), run);
        foreach ((long id, string party, long first, long last, bool isOnce) in open)
        {
            DeliveryState state = isOnce ? DeliveryState.Unknown : DeliveryState.Pending;
            const string why = "the daemon ended while it was attempted";
            session.Execute(
                "UPDATE attempts SET ended = ?2, outcome = ?3, detail = ?4 WHERE id = ?1",
                id, session.Now, (long)DeliveryState.Unknown, why);
            session.Execute(
                "UPDATE deliveries SET state = ?4, reason = ?5, updated = ?6"
                + " WHERE party = ?1 AND sequence BETWEEN ?2 AND ?3 AND state = 2 AND attempt = ?7",
                party, first, last, (long)state, why, session.Now, id);
        }
    }

    /// <summary>Dead deliveries, and on demand those of unknown outcome, are tried again.</summary>
    internal static long Requeue(LedgerSession session, string? party, Guid? failure, bool isUnknownToo) =>
        session.Execute(
            """
            UPDATE deliveries SET state = 0, attempts = 0, next_attempt = NULL, reason = 'replayed', updated = ?4
            WHERE state IN (7, 8) AND (state = 7 OR ?3) AND (?1 IS NULL OR party = ?1)
                AND party IN (SELECT name FROM parties)
                AND (?2 IS NULL OR notice IN (SELECT number FROM notices WHERE failure = ?2))
            """,
            party, failure, isUnknownToo, session.Now);
}
