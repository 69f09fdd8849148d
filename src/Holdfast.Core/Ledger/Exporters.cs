// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>
/// Who exports the history to elsewhere, and up to which seq they have it: what they have not got is kept for them
/// while they come back within the time of retention.
/// </summary>
public static class Exporters
{
    /// <summary>Up to a place all is safe elsewhere. Never moves back; a new exporter begins there.</summary>
    public static Task<long> AcknowledgeAsync(
        FailureLedger ledger, string name, long through, CancellationToken cancellationToken) =>
        ledger.WriteAsync(
        session => session.Scalar<long>(
            """
            INSERT INTO exporters (name, cursor, seen) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET cursor = max(cursor, ?2), seen = ?3 RETURNING cursor
            """,
            name, through, session.Now),
        cancellationToken);

    /// <summary>Where an exporter goes on; null where it was never heard of.</summary>
    public static Task<long?> CursorAsync(FailureLedger ledger, string name, CancellationToken cancellationToken) =>
        ledger.ReadAsync(
            session => session.Scalar<long?>("SELECT cursor FROM exporters WHERE name = ?1", name), cancellationToken);

    public static Task<bool> RemoveAsync(FailureLedger ledger, string name, CancellationToken cancellationToken) =>
        ledger.WriteAsync(
            session => session.Execute("DELETE FROM exporters WHERE name = ?1", name) > 0, cancellationToken);
}
