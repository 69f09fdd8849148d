// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Queries;

/// <summary>A device as the ledger knows it.</summary>
/// <param name="IsFailing">Whether any failure on it is active.</param>
public sealed record DeviceView(DeviceIdentity Device, DateTimeOffset Seen, bool IsFailing);

/// <summary>Devices read out.</summary>
internal static class DeviceQueries
{
    internal static IReadOnlyList<DeviceView> Page(LedgerSession session, string after, int limit) => session.Rows(
        """
        SELECT identity, stable, name, size, seen,
            EXISTS (SELECT 1 FROM failures f WHERE f.device = devices.id AND f.kind IN (0, 1) AND f.active)
        FROM devices WHERE identity > ?1 ORDER BY identity LIMIT ?2
        """,
        row => new DeviceView(
            new(row.GetString(0), row.GetInt64(1) != 0, row.GetString(2), row.Int64At(3)),
            LedgerSession.TimeOf(row.GetInt64(4)), row.GetInt64(5) != 0),
        after, (long)limit);
}
