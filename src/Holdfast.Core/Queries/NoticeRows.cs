// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Queries;

/// <summary>Notices in the ledger.</summary>
internal static class NoticeRows
{
    /// <summary>All columns, in the order that <see cref="Of"/> reads.</summary>
    internal const string Columns =
        "number, sequence, failure, revision, cause, state, device, instance, offset, length, kind, medium, content,"
        + " time, replayed, complete, gap, impacts";

    internal static Notice Of(SqliteDataReader row) => new()
    {
        Number = row.GetInt64(0),
        Sequence = row.IsDBNull(1) ? null : row.GetInt64(1),
        Failure = FailureRows.IdAt(row, 2)!.Value,
        Revision = row.GetInt64(3),
        Cause = (NoticeCause)row.GetInt64(4),
        State = (NoticeState)row.GetInt64(5),
        Device = row.GetInt64(6),
        Instance = row.IsDBNull(7) ? null : row.GetInt64(7),
        Range = new(row.GetInt64(8), row.GetInt64(9)),
        Kind = (FailureKind)row.GetInt64(10),
        Medium = (MediumState)row.GetInt64(11),
        Content = (ContentState)row.GetInt64(12),
        Time = LedgerSession.TimeOf(row.GetInt64(13)),
        IsReplayed = row.GetInt64(14) != 0,
        IsComplete = row.GetInt64(15) != 0,
        Gap = row.IsDBNull(16) ? null : row.GetString(16),
        Impacts = row.IsDBNull(17) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(17),
    };
}
