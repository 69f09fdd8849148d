// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Queries;

/// <summary>Failures read out, a page at a time by id: that needs no sorting however many there are.</summary>
internal static class FailureQueries
{
    private const int DetailRowsMax = 200;

    internal static FailurePage Page(LedgerSession session, FailureQuery query)
    {
        int limit = Math.Clamp(query.Limit, 1, FailureQuery.LimitMax);
        string state = query.IsOpen switch { true => "open", false => "NOT open", null => "1" };
        List<object?> values = [query.After ?? Guid.Empty, limit + 1L];
        string device = "";
        string filesystem = "";
        if (query.Device is { } number)
        {
            values.Add(number);
            device = $" AND device = ?{values.Count}";
        }

        if (query.Filesystem is { } uuid)
        {
            values.Add(uuid);
            filesystem = $" AND instance IN (SELECT id FROM instances WHERE uuid = ?{values.Count})";
        }

        string sql = $"""
            SELECT {FailureRows.Columns} FROM failures
            WHERE {state} AND id > ?1{device}{filesystem} ORDER BY id LIMIT ?2
            """;
        List<Failure> rows = session.Rows(sql, FailureRows.Of, [.. values]);
        bool isMore = rows.Count > limit;
        if (isMore) rows.RemoveAt(limit);
        var devices = new Dictionary<long, DeviceIdentity>();
        var instances = new Dictionary<long, FilesystemIdentity>();
        List<FailureView> views = rows.ConvertAll(row => ViewOf(session, row, devices, instances));
        return new(views, isMore ? rows[^1].Id : null);
    }

    /// <summary>Suspect bytes that somebody of a source blames, and nobody has read with care.</summary>
    internal static IReadOnlyList<(DeviceIdentity Device, ByteRange Range)> Suspects(
        LedgerSession session, string source, int most)
    {
        List<Failure> failures = session.Rows(
            $"""
            SELECT {FailureRows.Columns} FROM failures
            WHERE active AND kind = ?1 AND medium = ?2 AND (' ' || sources) LIKE ?3 ORDER BY id LIMIT ?4
            """,
            FailureRows.Of, (int)FailureKind.Media, (int)MediumState.Suspect, $"% {source}%", most);
        return
        [
            .. failures.Select(failure => (DeviceRows.Find(session, failure.Device), failure.Range))
                .Where(at => at.Item1 is not null).Select(at => (at.Item1!, at.Range)),
        ];
    }

    internal static FailureDetail? Detail(LedgerSession session, Guid id)
    {
        if (FailureRows.Find(session, id) is not { } failure) return null;
        List<HistoryEntry> history = session.Rows(
            "SELECT seq, revision, time, what, source, offset, length, note FROM history WHERE failure = ?1"
            + " ORDER BY seq DESC LIMIT ?2",
            row => new HistoryEntry(
                row.GetInt64(0), row.GetInt64(1), LedgerSession.TimeOf(row.GetInt64(2)), row.GetString(3),
                row.GetString(4), new(row.GetInt64(5), row.GetInt64(6)), row.StringAt(7)),
            id, DetailRowsMax);
        List<Notice> notices = session.Rows(
            $"SELECT {NoticeRows.Columns} FROM notices WHERE failure = ?1 ORDER BY number DESC LIMIT ?2",
            NoticeRows.Of, id, DetailRowsMax);
        List<PartyDelivery> deliveries = session.Rows(
            """
            SELECT d.party, d.notice, d.state, d.attempts, d.next_attempt, d.reason, d.rule, d.config
            FROM deliveries d JOIN notices n ON n.number = d.notice
            WHERE n.failure = ?1 ORDER BY d.notice DESC, d.party LIMIT ?2
            """,
            row => new PartyDelivery
            {
                Party = row.GetString(0),
                Notice = row.GetInt64(1),
                State = (DeliveryState)row.GetInt64(2),
                Attempts = (int)row.GetInt64(3),
                NextAttempt = row.IsNull(4) ? null : LedgerSession.TimeOf(row.GetInt64(4)),
                Reason = row.StringAt(5),
                Rule = row.StringAt(6),
                ConfigHash = row.StringAt(7),
            },
            id, DetailRowsMax);
        history.Reverse();
        notices.Reverse();
        deliveries.Reverse();
        return new(ViewOf(session, failure, [], []), history, notices, deliveries);
    }

    /// <summary>
    /// All bytes of a device that are known to be bad, there or on a device below it: no answer may rest on them (C12).
    /// </summary>
    internal static ByteRangeSet KnownBad(LedgerSession session, long device) =>
        ByteRangeSet.From(session.Rows(
            """
            SELECT offset, length FROM failures WHERE active AND device = ?1 AND kind = 0
            UNION ALL
            SELECT p.above_offset + max(f.offset, p.below_offset) - p.below_offset,
                min(f.offset + f.length, p.below_offset + p.length) - max(f.offset, p.below_offset)
            FROM places p JOIN failures f ON f.active AND f.kind = 0 AND f.device = p.below
                AND f.offset < p.below_offset + p.length AND f.offset + f.length > p.below_offset
            WHERE p.above = ?1
            """,
            row => new ByteRange(row.GetInt64(0), row.GetInt64(1)), device));

    private static FailureView ViewOf(
        LedgerSession session, Failure failure, Dictionary<long, DeviceIdentity> devices,
        Dictionary<long, FilesystemIdentity> instances)
    {
        if (!devices.TryGetValue(failure.Device, out DeviceIdentity? device))
        {
            device = DeviceRows.Find(session, failure.Device) ?? new("", false, "", null);
            devices.Add(failure.Device, device);
        }

        FilesystemIdentity? filesystem = null;
        if (failure.Instance is { } instance && !instances.TryGetValue(instance, out filesystem))
        {
            filesystem = FilesystemOf(session, instance);
            if (filesystem is not null) instances.Add(instance, filesystem);
        }

        return new(failure, device, filesystem);
    }

    private static FilesystemIdentity? FilesystemOf(LedgerSession session, long instance) => session.Row(
        "SELECT type, uuid, metadata_uuid FROM instances WHERE id = ?1",
        row => new FilesystemIdentity(row.GetString(0), row.GetString(1), row.StringAt(2)),
        instance);
}
