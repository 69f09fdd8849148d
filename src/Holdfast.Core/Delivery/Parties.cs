// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Who is told (everybody but the holders), in the ledger.</summary>
internal static class Parties
{
    private const string Columns = "name, kind, path, fs, owner, severity, cursor, seen, expire_days";

    internal static Party? Find(LedgerSession session, string name) =>
        session.Row($"SELECT {Columns} FROM parties WHERE name = ?1", Of, name);

    internal static List<Party> All(LedgerSession session) =>
        session.Rows($"SELECT {Columns} FROM parties ORDER BY name", Of);

    /// <summary>
    /// Registers, or changes the filter of, a party. A new one hears what is published from now on; the failures of
    /// before it can list.
    /// </summary>
    internal static Party Put(LedgerSession session, string name, PartyKind kind, PartyFilter filter, int? expireDays)
    {
        session.Execute(
            """
            INSERT INTO parties (name, kind, path, fs, owner, severity, cursor, scanned, seen, expire_days)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)
            ON CONFLICT (name) DO UPDATE SET kind = ?2, path = ?3, fs = ?4, owner = ?5, severity = ?6, seen = ?8,
                expire_days = ?9
            """,
            name, (long)kind, filter.Path?.ToArray(), filter.Filesystem, filter.Owner, filter.Severity,
            Feed.LastSequence(session), session.Now, expireDays is { } days ? (long)days : null);
        return Find(session, name)!;
    }

    /// <summary>A party goes; what it has not got is expired, on record.</summary>
    internal static bool Remove(LedgerSession session, string name)
    {
        session.Execute(
            "UPDATE deliveries SET state = ?2, reason = 'the party is gone', updated = ?3 WHERE party = ?1"
            + " AND state IN (0, 2)",
            name, (long)DeliveryState.Expired, session.Now);
        return session.Execute("DELETE FROM parties WHERE name = ?1", name) > 0;
    }

    /// <summary>Everything up to a place is settled for the party. Never moves back.</summary>
    /// <returns>False where there is no such party.</returns>
    internal static bool Acknowledge(LedgerSession session, string name, long through) => session.Execute(
        "UPDATE parties SET cursor = max(cursor, min(?2, ?3)), seen = ?4 WHERE name = ?1",
        name, through, Feed.LastSequence(session), session.Now) > 0;

    internal static void Seen(LedgerSession session, string name) =>
        session.Execute("UPDATE parties SET seen = ?2 WHERE name = ?1", name, session.Now);

    /// <summary>Parties that never came back are given up (C11).</summary>
    internal static List<string> Expire(LedgerSession session)
    {
        List<string> gone = session.Rows(
            "SELECT name FROM parties WHERE kind = 0 AND expire_days IS NOT NULL"
            + " AND seen + expire_days * 86400000000 < ?1 ORDER BY name",
            row => row.GetString(0), session.Now);
        foreach (string name in gone) Remove(session, name);
        return gone;
    }

    private static Party Of(LedgerRow row) => new()
    {
        Name = row.GetString(0),
        Kind = (PartyKind)row.GetInt64(1),
        Filter = new(
            row.BytesAt(2), row.StringAt(3),
            row.StringAt(4), row.StringAt(5)),
        Cursor = row.GetInt64(6),
        LastSeen = LedgerSession.TimeOf(row.GetInt64(7)),
        ExpireDays = row.IsNull(8) ? null : (int)row.GetInt64(8),
    };
}
