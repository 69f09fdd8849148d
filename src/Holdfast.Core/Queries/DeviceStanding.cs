// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Queries;

/// <summary>A device as far as it matters to anybody that it comes or goes.</summary>
/// <param name="IsHeld">A holder answers for bytes of it.</param>
/// <param name="IsFailing">The ledger has a failure of its medium that still says something.</param>
/// <param name="Absent">Bytes that are said to be away with it.</param>
public sealed record DeviceStanding(bool IsHeld, bool IsFailing, ByteRangeSet Absent)
{
    /// <summary>Nobody has to do with it.</summary>
    public static DeviceStanding Nobodys { get; } = new(false, false, ByteRangeSet.Empty);

    private const string AbsentOf = """
        SELECT offset, length FROM failures
        WHERE active AND device = ?1 AND kind = ?2 AND medium = ?3 ORDER BY offset
        """;

    internal static DeviceStanding Of(LedgerSession session, string identity)
    {
        long? device = session.Scalar<long?>("SELECT id FROM devices WHERE identity = ?1", identity);
        if (device is null) return Nobodys;
        bool isFailing = session.Scalar<long>(
            "SELECT EXISTS (SELECT 1 FROM failures WHERE active AND device = ?1 AND kind = ?2)", device,
            (long)FailureKind.Media) != 0;
        return new(
            session.Scalar<long>("SELECT EXISTS (SELECT 1 FROM claim_ranges WHERE device = ?1)", device) != 0,
            isFailing, AbsentBytes(session, device.Value));
    }

    /// <summary>Devices that the ledger holds to be away.</summary>
    internal static IReadOnlyList<DeviceIdentity> AllAbsent(LedgerSession session) => session.Rows(
        """
        SELECT identity, stable, name, size FROM devices
        WHERE EXISTS (
            SELECT 1 FROM failures f WHERE f.active AND f.device = devices.id AND f.kind = ?1 AND f.medium = ?2)
        """,
        row => new DeviceIdentity(row.GetString(0), row.GetInt64(1) != 0, row.GetString(2), row.Int64At(3)),
        (long)FailureKind.Absent, (long)MediumState.Gone);

    private static ByteRangeSet AbsentBytes(LedgerSession session, long device) => ByteRangeSet.From(session.Rows(
        AbsentOf, row => new ByteRange(row.GetInt64(0), row.GetInt64(1)), device, (long)FailureKind.Absent,
        (long)MediumState.Gone));
}
