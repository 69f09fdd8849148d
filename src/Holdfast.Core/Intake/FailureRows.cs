// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>Failures in the ledger.</summary>
internal static class FailureRows
{
    /// <summary>All columns, in the order that <see cref="Of"/> reads.</summary>
    internal const string Columns =
        "id, revision, device, offset, length, kind, medium, content, instance, first_seen, last_seen, count, sources,"
        + " merged_into, superseded, owner, note";

    private const string ActiveAround = $"""
        SELECT {Columns} FROM failures
        WHERE active AND device = ?1 AND kind = ?2 AND offset <= ?4 AND offset >= coalesce(
            (SELECT max(offset) FROM failures WHERE active AND device = ?1 AND kind = ?2 AND offset < ?3), 0)
        ORDER BY offset
        """;

    private const string InsertRow = $"""
        INSERT INTO failures ({Columns}, open, active)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
        """;

    private const string UpdateRow = """
        UPDATE failures SET revision = ?2, offset = ?3, length = ?4, medium = ?5, content = ?6, instance = ?7,
            last_seen = ?8, count = ?9, sources = ?10, merged_into = ?11, superseded = ?12, owner = ?13, note = ?14,
            open = ?15, active = ?16
        WHERE id = ?1
        """;

    /// <summary>Active failures that overlap or touch the range, by offset.</summary>
    internal static List<Failure> Around(LedgerSession session, long device, FailureKind kind, ByteRange range)
    {
        List<Failure> rows = session.Rows(ActiveAround, Of, device, (long)kind, range.Offset, range.End);
        rows.RemoveAll(row => row.Range.End < range.Offset);
        return rows;
    }

    internal static Failure? Find(LedgerSession session, Guid id) =>
        session.Row($"SELECT {Columns} FROM failures WHERE id = ?1", Of, id);

    internal static void Insert(LedgerSession session, Failure at) => session.Execute(
        InsertRow, at.Id, at.Revision, at.Device, at.Range.Offset, at.Range.Length, (long)at.Kind, (long)at.Medium,
        (long)at.Content, at.Instance, LedgerSession.Microseconds(at.FirstSeen),
        LedgerSession.Microseconds(
            at.LastSeen), at.Count, at.Sources, at.MergedInto, at.IsSuperseded, at.Owner, at.Note,
        at.IsOpen, at.IsActive);

    internal static void Update(LedgerSession session, Failure at) => session.Execute(
        UpdateRow, at.Id, at.Revision, at.Range.Offset, at.Range.Length, (long)at.Medium, (long)at.Content, at.Instance,
        LedgerSession.Microseconds(
            at.LastSeen), at.Count, at.Sources, at.MergedInto, at.IsSuperseded, at.Owner, at.Note,
        at.IsOpen, at.IsActive);

    internal static Failure Of(LedgerRow row) => new()
    {
        Id = IdAt(row, 0)!.Value,
        Revision = row.GetInt64(1),
        Device = row.GetInt64(2),
        Range = new(row.GetInt64(3), row.GetInt64(4)),
        Kind = (FailureKind)row.GetInt64(5),
        Medium = (MediumState)row.GetInt64(6),
        Content = (ContentState)row.GetInt64(7),
        Instance = row.Int64At(8),
        FirstSeen = LedgerSession.TimeOf(row.GetInt64(9)),
        LastSeen = LedgerSession.TimeOf(row.GetInt64(10)),
        Count = row.GetInt64(11),
        Sources = row.GetString(12),
        MergedInto = IdAt(row, 13),
        IsSuperseded = row.GetInt64(14) != 0,
        Owner = row.StringAt(15),
        Note = row.StringAt(16),
    };

    internal static Guid? IdAt(LedgerRow row, int column) =>
        row.IsNull(column) ? null : new Guid(row.GetBytes(column), bigEndian: true);
}
