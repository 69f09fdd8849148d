// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>
/// What becomes of failures when a filesystem instance comes, goes or moves (C6). The medium's facts stay with the
/// device, the content's with the instance.
/// </summary>
internal sealed class InstanceBinding(FailureIds ids)
{
    private static readonly FailureKind[] Kinds = [FailureKind.Media, FailureKind.Absent];

    private const string Outside = """
        NOT EXISTS (SELECT 1 FROM instance_ranges r WHERE r.instance = ?1 AND r.device = notices.device
            AND r.offset <= notices.offset AND r.offset + r.length >= notices.offset + notices.length)
        """;

    /// <summary>An instance has come to bytes that nobody had: what is known of them is news to it.</summary>
    internal void Bind(LedgerSession session, long instance, string source)
    {
        foreach (ClaimedRange at in InstanceRows.RangesOf(session, instance))
        {
            // What was reported to its holder before the superblock told who it is.
            session.Execute(
                """
                UPDATE notices SET instance = ?1
                WHERE state = 0 AND instance IS NULL AND device = ?2 AND offset >= ?3 AND offset + length <= ?4
                """,
                instance, at.Device, at.Range.Offset, at.Range.End);
            Territory territory = Territory.Of(session, at.Device);
            foreach (FailureKind kind in Kinds)
            {
                ChangeOf(session, at.Device, kind, source, "bound").Apply(territory, at.Range, before =>
                    before is { Instance: null } facts ? facts with
                    {
                        Instance = instance,
                        Content = ContentFor(facts),
                    } : before);
            }
        }
    }

    /// <summary>
    /// Another filesystem lies where this one was: its failures are superseded, the bad medium under them is the new
    /// one's matter, where there is one.
    /// </summary>
    internal void Supersede(LedgerSession session, long instance, string source)
    {
        session.Execute(
            "UPDATE notices INDEXED BY notices_waiting SET state = 3 WHERE instance = ?1 AND state = 0", instance);
        foreach (Failure failure in ActiveOf(session, instance))
        {
            Retire(session, failure, source, "superseded");
            LeaveMedium(session, failure, source);
        }
    }

    /// <summary>
    /// An instance is about to move: the bytes where it lies are nobody's then, and nobody could be asked what is
    /// there. Whatever waits goes out as it is; the instance is told at its new place.
    /// </summary>
    internal static void LeavePlace(LedgerSession session, long instance)
    {
        SupersedeRepeats(session, instance, "1");
        foreach (long number in Pending(session, instance, long.MaxValue))
        {
            Feed.PublishUnresolved(
                session, number, "the filesystem moved to other bytes before it could be asked about these");
        }
    }

    /// <summary>
    /// An instance has become shorter: it cannot be asked about bytes that it does not have any more (C10). They go out
    /// as they are, and those before them too, to keep the order; these wait on for what the filesystem says.
    /// </summary>
    internal void LeaveEnd(LedgerSession session, long instance, string source)
    {
        List<ClaimedRange> ranges = InstanceRows.RangesOf(session, instance);
        foreach (Failure failure in ActiveOf(session, instance))
        {
            // Of a device below its own: that the filesystem became shorter its places say.
            if (!ranges.Exists(at => at.Device == failure.Device)) continue;
            var its = ByteRangeSet.From(ranges.Where(at => at.Device == failure.Device).Select(at => at.Range));
            foreach (ByteRange part in its.Gaps(failure.Range))
            {
                ChangeOf(session, failure.Device, failure.Kind, source, "left").Apply(
                    Territory.Of(session, failure.Device), part,
                    before => before is { } facts && facts.Instance == instance
                        ? facts with
                        {
                            Instance = null,
                            Content = facts.Content == ContentState.Lost ? ContentState.Unknown : facts.Content,
                        }
                        : before);
            }
        }

        SupersedeRepeats(session, instance, Outside);
        long through = session.Scalar<long?>(
            $"SELECT max(number) FROM notices WHERE instance = ?1 AND state IN (0, 1) AND {Outside}", instance) ?? 0;
        foreach (long number in Pending(session, instance, through))
        {
            bool isOutside = session.Scalar<long>(
                $"SELECT EXISTS (SELECT 1 FROM notices WHERE number = ?2 AND instance = ?1 AND {Outside})", instance,
                number) != 0;
            Feed.PublishUnresolved(
                session, number, isOutside
                    ? "the filesystem does not reach over these bytes any more"
                    : "the filesystem became shorter before it was asked");
            if (!isOutside) Feed.WaitFurther(session, number);
        }
    }

    /// <summary>They were told once already, and would only have said more.</summary>
    private static void SupersedeRepeats(LedgerSession session, long instance, string which) => session.Execute(
        $"UPDATE notices SET state = 3 WHERE instance = ?1 AND state IN (0, 1) AND cause = 5 AND {which}", instance);

    private static List<long> Pending(LedgerSession session, long instance, long through) => session.Rows(
        """
        SELECT number FROM notices WHERE instance = ?1 AND state IN (0, 1) AND cause <> 5 AND number <= ?2
        ORDER BY number
        """,
        row => row.GetInt64(0), instance, through);

    /// <summary>
    /// An instance lies elsewhere now: what it lost moves with it, though the medium there is a good one, and it is
    /// told of it there.
    /// </summary>
    /// <param name="from">Where it lay, <paramref name="to"/> where it lies, both by role.</param>
    internal void Move(
        LedgerSession session, long instance, IReadOnlyList<ClaimedRange> from, IReadOnlyList<ClaimedRange> to,
        string source)
    {
        foreach (Failure failure in ActiveOf(session, instance))
        {
            Retire(session, failure, source, "moved");
            LeaveMedium(session, failure, source);
            if (!failure.IsOpen) continue;
            foreach ((long device, ByteRange bytes) in ToldOf(session, failure, instance, from))
            {
                // Some of it may not have come along: that is nowhere in the filesystem now.
                if (Translate(device, bytes, from, to) is not { } there) continue;
                ChangeOf(session, there.Device, failure.Kind, source, "moved").Apply(
                    Territory.Of(session, there.Device), there.Range, before => before is { } facts
                        ? facts with { Content = failure.Content }
                        : new(MediumState.Readable, failure.Content, instance, false, failure.Owner, failure.Note));
            }
        }
    }

    /// <summary>
    /// A failure's bytes as the instance has them. One of a device below its own is known by what the instance was told
    /// of it: where it lay is not, any more.
    /// </summary>
    private static List<(long Device, ByteRange Range)> ToldOf(
        LedgerSession session, Failure failure, long instance, IReadOnlyList<ClaimedRange> from)
    {
        if (from.Any(at => at.Device == failure.Device)) return [(failure.Device, failure.Range)];
        return
        [
            .. session.Rows(
                "SELECT device, offset, length FROM notices WHERE failure = ?1 AND instance = ?2 AND device <> ?3",
                row => (Device: row.GetInt64(0), Range: new ByteRange(row.GetInt64(1), row.GetInt64(2))),
                failure.Id, instance, failure.Device)
                .GroupBy(at => at.Device)
                .SelectMany(at => ByteRangeSet.From(at.Select(told => told.Range)).Select(range => (at.Key, range))),
        ];
    }

    /// <summary>Two numbers turned out to be one instance.</summary>
    internal void Rename(LedgerSession session, long instance, long to, string source)
    {
        session.Execute("UPDATE notices SET instance = ?2 WHERE instance = ?1", instance, to);
        foreach (Failure failure in ActiveOf(session, instance))
        {
            Failure after = failure with { Instance = to, Revision = failure.Revision + 1 };
            FailureRows.Update(session, after);
            ChangeOf(session, failure.Device, failure.Kind, source, "bound").History(after, after.Range, "bound", null);
        }
    }

    internal static ContentState ContentFor(in FailureFacts facts) => facts.Medium switch
    {
        MediumState.Confirmed => ContentState.Lost,
        MediumState.Suspect => ContentState.Unknown,
        _ => facts.Content,
    };

    private static List<Failure> ActiveOf(LedgerSession session, long instance) => session.Rows(
        $"SELECT {FailureRows.Columns} FROM failures WHERE instance = ?1 AND active ORDER BY id", FailureRows.Of,
            instance);

    private void Retire(LedgerSession session, Failure failure, string source, string what)
    {
        Failure after = failure with { IsSuperseded = true, Revision = failure.Revision + 1 };
        FailureRows.Update(session, after);
        ChangeOf(session, failure.Device, failure.Kind, source, what).History(after, after.Range, what, null);
    }

    /// <summary>The medium is as bad as it was, whoever lies on it now.</summary>
    private void LeaveMedium(LedgerSession session, Failure failure, string source)
    {
        if (failure.Medium is not (MediumState.Suspect or MediumState.Confirmed)) return;
        Territory territory = Territory.Of(session, failure.Device);
        foreach ((ByteRange part, long? instance) in territory.CutByInstance(failure.Range))
        {
            FailureFacts facts = new(failure.Medium, ContentState.Unknown, instance, false, null, null);
            if (instance is not null) facts = facts with { Content = ContentFor(facts) };
            ChangeOf(session, failure.Device, failure.Kind, source, "found bad")
                .Apply(territory, part, before => before ?? facts);
        }
    }

    private static (long Device, ByteRange Range)? Translate(
        long device, ByteRange bytes, IReadOnlyList<ClaimedRange> from, IReadOnlyList<ClaimedRange> to)
    {
        for (int i = 0; i < from.Count; i++)
        {
            if (from[i].Device != device || !from[i].Range.Overlaps(bytes)) continue;
            ClaimedRange? there = to.FirstOrDefault(range => range.Role == from[i].Role);
            if (there is null) return null;
            ByteRange inside = bytes.Intersect(from[i].Range);
            var range = new ByteRange(inside.Offset - from[i].Range.Offset + there.Range.Offset, inside.Length);
            ByteRange clipped = range.Intersect(there.Range);
            return clipped.IsEmpty ? null : (there.Device, clipped);
        }

        return null;
    }

    private FailureChange ChangeOf(LedgerSession session, long device, FailureKind kind, string source, string what) =>
        new(session, ids, device, kind, source, what, NoticeCause.Bound, IsCounted: false, Note: null);
}
