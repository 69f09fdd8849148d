// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Ledger;

/// <param name="Failures">Failures that are gone with all that was kept of them.</param>
/// <param name="Rows">Rows of any table.</param>
/// <param name="IsMore">Whether another step would find something.</param>
public sealed record RetentionStep(int Failures, int Rows, bool IsMore);

/// <summary>
/// Forgets what was settled long ago: failures with their history, notices, deliveries and attempts, and the keys of
/// reports. What is open, or still says something of its bytes, is never dropped; nor what waits for its filesystem,
/// nor what a party, holder or exporter that still comes has not got. Each step is bounded: the writer is not held
/// long.
/// </summary>
public static class Retention
{
    private const int RowsMax = 500;

    /// <summary>Failures looked at in one step that may all have to stay.</summary>
    private const int CandidatesMax = 200;

    /// <summary>Takes steps, each a commit of its own, until nothing is left to forget.</summary>
    public static async Task<RetentionStep> RunAsync(
        FailureLedger ledger, TimeSpan keep, CancellationToken cancellationToken)
    {
        var sum = new RetentionStep(0, 0, true);
        Guid at = Guid.Empty;
        while (sum.IsMore)
        {
            (RetentionStep step, at) = await ledger.WriteAsync(session => Step(session, keep, at), cancellationToken);
            sum = new(sum.Failures + step.Failures, sum.Rows + step.Rows, step.IsMore);
        }

        return sum;
    }

    /// <returns>What was done, and the failure after which the next step goes on.</returns>
    internal static (RetentionStep Step, Guid At) Step(LedgerSession session, TimeSpan keep, Guid after)
    {
        long before = LedgerSession.Microseconds(session.Time.GetUtcNow() - keep);
        int rows = session.Execute(
            "DELETE FROM reports WHERE key IN (SELECT key FROM reports WHERE time < ?1 ORDER BY time LIMIT ?2)",
            before, (long)RowsMax);
        bool isMore = rows == RowsMax;
        List<Guid> candidates = session.Rows(
            "SELECT id FROM failures WHERE NOT open AND id > ?1 ORDER BY id LIMIT ?2",
            row => new Guid(row.GetBytes(0), bigEndian: true), after, (long)CandidatesMax);
        var held = new HeldBack(session, before);
        int failures = 0;
        foreach (Guid id in candidates)
        {
            if (rows >= RowsMax) return (new(failures, rows, true), after);
            if (!held.Holds(id))
            {
                (int gone, bool isWhole) = Forget(session, id, RowsMax - rows);
                rows += gone;
                if (!isWhole) return (new(failures, rows, true), after);
                failures++;
            }

            after = id;
        }

        return (new(failures, rows, isMore || candidates.Count == CandidatesMax), after);
    }

    /// <summary>Oldest notices first, and the failure itself last, so that a step may end in between.</summary>
    private static (int Rows, bool IsWhole) Forget(LedgerSession session, Guid id, int rowsMax)
    {
        int rows = 0;
        List<(long Number, long? Sequence)> notices = session.Rows(
            "SELECT number, sequence FROM notices WHERE failure = ?1 ORDER BY number LIMIT ?2",
            row => (row.GetInt64(0), row.Int64At(1)), id, (long)rowsMax);
        foreach ((long number, long? sequence) in notices)
        {
            if (rows >= rowsMax) return (rows, false);
            rows += ForgetNotice(session, number, sequence);
        }

        if (rows >= rowsMax || notices.Count == rowsMax) return (rows, false);
        rows += session.Execute(
            "DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE failure = ?1 ORDER BY seq LIMIT ?2)",
            id, (long)(rowsMax - rows));
        if (rows >= rowsMax) return (rows, false);
        rows += session.Execute("DELETE FROM failures WHERE id = ?1 AND NOT open AND NOT active", id);
        return (rows, true);
    }

    private static int ForgetNotice(LedgerSession session, long number, long? sequence)
    {
        int rows = 0;
        if (sequence is { } place)
        {
            rows += session.Execute(
                "DELETE FROM attempts WHERE sequence = ?1 AND ended IS NOT NULL"
                + " AND party IN (SELECT party FROM deliveries WHERE notice = ?2)",
                place, number);
            session.Execute("UPDATE meta SET value = max(value, ?1) WHERE name = 'trimmed'", place);
        }

        rows += session.Execute("DELETE FROM deliveries WHERE notice = ?1", number);
        return rows + session.Execute("DELETE FROM notices WHERE number = ?1", number);
    }

    /// <summary>What keeps closed failures from being forgotten, as it stands in one step.</summary>
    private sealed class HeldBack
    {
        private readonly LedgerSession _session;
        private readonly long _before;
        private readonly long _feed;
        private readonly long _exported;

        internal HeldBack(LedgerSession session, long before)
        {
            _session = session;
            _before = before;
            // Configured parties are there as long as the configuration names them, others as long as they come.
            _feed = session.Scalar<long?>(
                """
                SELECT min(CASE kind WHEN 1 THEN scanned ELSE cursor END) FROM parties
                WHERE kind = 1 OR seen >= ?1
                """,
                before) ?? long.MaxValue;
            _exported = session.Scalar<long?>("SELECT min(cursor) FROM exporters WHERE seen >= ?1", before)
                ?? long.MaxValue;
        }

        internal bool Holds(Guid id) => IsActiveOrYoung(id) || IsOwed(id);

        private bool IsActiveOrYoung(Guid id) => _session.Scalar<long>(
            """
            SELECT EXISTS (SELECT 1 FROM failures WHERE id = ?1 AND (open OR active OR last_seen >= ?2))
                OR EXISTS (SELECT 1 FROM history WHERE failure = ?1 AND (time >= ?2 OR seq > ?3))
            """,
            id, _before, _exported) != 0;

        private bool IsOwed(Guid id) => _session.Scalar<long>(
            """
            SELECT EXISTS (
                SELECT 1 FROM notices n WHERE n.failure = ?1 AND (n.state IN (0, 1) OR n.sequence > ?2
                    OR EXISTS (SELECT 1 FROM deliveries d WHERE d.notice = n.number AND d.state IN (0, 1, 2))
                    OR EXISTS (
                        SELECT 1 FROM claims c JOIN instances i ON i.id = c.instance
                        WHERE c.instance = n.instance AND i.cursor > 0 AND i.cursor < n.number)))
            """,
            id, _feed) != 0;
    }
}
