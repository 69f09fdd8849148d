// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>What tests of the ledger write and read.</summary>
internal static class LedgerRows
{
    internal static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1L << 40);

    internal static Reconciler NewReconciler() => new(new FailureIds(TimeProvider.System, new Random(1)));

    internal static Report ReportOf(string key, ByteRange range) => new()
    {
        Key = key, Source = "test", Device = Disk, Basis = ReportBasis.Error, Ranges = ByteRangeSet.From([range]),
    };

    internal static Task<long> AddAsync(FailureLedger ledger, string name, int bytes = 16) => ledger.WriteAsync(
        session => Add(session, name, bytes), default);

    internal static long Add(LedgerSession session, string name, int bytes = 16) =>
        session.Execute("INSERT INTO meta VALUES (?1, zeroblob(?2))", name, (long)bytes);

    internal static Task<bool> HasAsync(FailureLedger ledger, string name) => ledger.ReadAsync(
        session => session.Scalar<long>("SELECT count(*) FROM meta WHERE name = ?1", name) == 1, default);
}
