// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Queries;

/// <summary>Notices in the ledger.</summary>
internal static class NoticeRows
{
    /// <summary>All columns, in the order that <see cref="Of"/> reads.</summary>
    internal const string Columns =
        "number, sequence, failure, revision, cause, state, device, instance, offset, length, kind, medium, content,"
        + " time, replayed, complete, gap, impacts";

    internal static Notice Of(LedgerRow row) => new()
    {
        Number = row.GetInt64(0),
        Sequence = row.Int64At(1),
        Failure = FailureRows.IdAt(row, 2)!.Value,
        Revision = row.GetInt64(3),
        Cause = (NoticeCause)row.GetInt64(4),
        State = (NoticeState)row.GetInt64(5),
        Device = row.GetInt64(6),
        Instance = row.Int64At(7),
        Range = new(row.GetInt64(8), row.GetInt64(9)),
        Kind = (FailureKind)row.GetInt64(10),
        Medium = (MediumState)row.GetInt64(11),
        Content = (ContentState)row.GetInt64(12),
        Time = LedgerSession.TimeOf(row.GetInt64(13)),
        IsReplayed = row.GetInt64(14) != 0,
        IsComplete = row.GetInt64(15) != 0,
        Gap = row.StringAt(16),
        Impacts = row.IsNull(17) ? default(ReadOnlyMemory<byte>) : row.GetBytes(17),
    };
}
