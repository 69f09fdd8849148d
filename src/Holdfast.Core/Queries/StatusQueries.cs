// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Queries;

/// <summary>Counts for whoever asks how things stand.</summary>
internal static class StatusQueries
{
    internal static NotifierStatus Status(LedgerSession session)
    {
        (long open, long bytes) = session.Rows(
            "SELECT count(*), total(length) FROM failures WHERE open", row => (row.GetInt64(0), Total(row)))[0];
        return new(
            open, bytes, Count(session, "notices WHERE state = 0"),
            Count(session, "deliveries WHERE state IN (0, 2)"),
            OfState(session, DeliveryState.Dead), OfState(session, DeliveryState.Unknown),
            (int)Count(session, "claims"), (int)Count(session, "parties"), Disarm.Reason(session),
            Feed.LastSequence(session),
            session.Scalar<long>("PRAGMA page_count") * session.Scalar<long>("PRAGMA page_size"));
    }

    /// <summary>Whether a lease or a party has ended, so that nothing is written every second for nothing.</summary>
    internal static bool IsAnythingOver(LedgerSession session) => session.Scalar<long>(
        """
        SELECT EXISTS (SELECT 1 FROM claims WHERE lease_ends <= ?1) OR EXISTS (
            SELECT 1 FROM parties WHERE kind = 0 AND expire_days IS NOT NULL AND seen + expire_days * 86400000000 < ?1)
        """,
        session.Now) != 0;

    private static long Count(LedgerSession session, string from) =>
        session.Scalar<long>($"SELECT count(*) FROM {from}");

    private static long OfState(LedgerSession session, DeliveryState state) => session.Scalar<long>(
        "SELECT count(*) FROM deliveries WHERE state IN (7, 8) AND state = ?1", (long)state);

    /// <summary>Ranges up to 2^63 bytes long may add up to more than a number holds.</summary>
    private static long Total(LedgerRow row) =>
        row.GetDouble(1) >= long.MaxValue ? long.MaxValue : (long)row.GetDouble(1);
}
