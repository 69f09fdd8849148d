// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Intake;

/// <summary>Devices in the ledger, by identity; names come and go.</summary>
internal static class DeviceRows
{
    /// <summary>The ledger's number of a device, new where it was never seen.</summary>
    internal static long NumberOf(LedgerSession session, DeviceIdentity device)
    {
        var known = session.Row(
            "SELECT id, name, size FROM devices WHERE identity = ?1",
            row => new Known(row.GetInt64(0), row.GetString(1), row.Int64At(2)),
            device.Identity);
        if (known is null)
        {
            return session.Scalar<long>(
                "INSERT INTO devices (identity, stable, name, size, seen) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
                device.Identity, device.IsStable, device.Name, device.Size, session.Now);
        }

        if (known.Name != device.Name || (device.Size is not null && known.Size != device.Size))
        {
            session.Execute(
                "UPDATE devices SET name = ?2, size = coalesce(?3, size), seen = ?4 WHERE id = ?1",
                known.Number, device.Name, device.Size, session.Now);
        }

        return known.Number;
    }

    /// <summary>Null for one that was never seen.</summary>
    internal static long? KnownNumberOf(LedgerSession session, string identity) =>
        session.Scalar<long?>("SELECT id FROM devices WHERE identity = ?1", identity);

    internal static DeviceIdentity? Find(LedgerSession session, long number) => session.Row(
        "SELECT identity, stable, name, size FROM devices WHERE id = ?1",
        row => new DeviceIdentity(
            row.GetString(0), row.GetInt64(1) != 0, row.GetString(2), row.Int64At(3)),
        number);

    /// <summary>The number of a device that was heard of, by identity, else by the name it last had.</summary>
    internal static long? NumberOf(LedgerSession session, string identityOrName) => session.Scalar<long?>(
        "SELECT id FROM devices WHERE identity = ?1 OR name = ?1 ORDER BY identity = ?1 DESC, seen DESC LIMIT 1",
        identityOrName);

    private sealed record Known(long Number, string Name, long? Size);
}
