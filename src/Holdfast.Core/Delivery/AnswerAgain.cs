// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>Bytes of an open failure that a filesystem is asked about again.</summary>
/// <param name="Device">One of the filesystem's own: the failure may be of a device below it.</param>
/// <param name="Told">What was last said of exactly these bytes; null: nothing was said of them as a whole.</param>
internal sealed record AgainQuestion(Failure Failure, long Device, ByteRange Range, Notice? Told);

/// <summary>
/// Open failures are resolved again (C12): what was free is allocated by now, a file was rewritten, what hung answers.
/// Only what is another answer than the last one is told.
/// </summary>
internal static class AnswerAgain
{
    /// <summary>Notices of one failure that are looked through for what was said of it.</summary>
    private const int ToldMax = 64;

    private const string OpenOf = $"""
        SELECT {FailureRows.Columns} FROM failures WHERE instance = ?1 AND id > ?2 AND open AND active
        ORDER BY id LIMIT ?3
        """;

    /// <summary>The same, with those of devices below its own.</summary>
    private const string OpenUnder = $"""
        SELECT {FailureRows.Columns} FROM failures WHERE id > ?2 AND open AND active AND (instance = ?1 OR EXISTS (
            SELECT 1 FROM places p JOIN instance_ranges r ON r.device = p.above
            WHERE r.instance = ?1 AND p.below = failures.device
                AND p.below_offset < failures.offset + failures.length
                AND p.below_offset + p.length > failures.offset))
        ORDER BY id LIMIT ?3
        """;

    /// <summary>Questions about a page of an instance's open failures, by id.</summary>
    /// <returns>The last id looked at; null at the end.</returns>
    internal static (List<AgainQuestion> Questions, Guid? Next) Page(
        LedgerSession session, long instance, Guid after, int limit)
    {
        string which = PlaceRows.HasAny(session, instance) ? OpenUnder : OpenOf;
        List<Failure> open = session.Rows(which, FailureRows.Of, instance, after, limit);
        return ([.. open.SelectMany(failure => QuestionsOf(session, instance, failure))],
            open.Count < limit ? null : open[^1].Id);
    }

    /// <summary>Questions about one failure; none where it is not open or not of the instance.</summary>
    internal static List<AgainQuestion> Of(LedgerSession session, long instance, Guid id) =>
        FailureRows.Find(session, id) is { IsOpen: true, IsActive: true } failure
            ? [.. QuestionsOf(session, instance, failure)]
            : [];

    /// <summary>Tells what has changed.</summary>
    /// <returns>Whether anything was told.</returns>
    internal static bool Tell(LedgerSession session, long instance, AgainQuestion question, ResolvedRange answer)
    {
        if (question.Told is { } told && told.IsComplete == answer.IsComplete
            && told.Impacts.Span.SequenceEqual(answer.Impacts.Span))
        {
            return false;
        }

        // It may have grown, moved, or been settled meanwhile: then the next round asks anew.
        if (FailureRows.Find(session, question.Failure.Id) is not { } now || now.Revision != question.Failure.Revision)
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO notices (failure, revision, cause, state, sequence, device, instance, offset, length, kind,
                medium, content, time, complete, gap, impacts)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """,
            now.Id, now.Revision, (long)NoticeCause.ResolvedAgain, (long)NoticeState.Published,
            Feed.NextSequence(session), question.Device, instance, question.Range.Offset, question.Range.Length,
            (long)now.Kind, (long)now.Medium, (long)now.Content, session.Now, answer.IsComplete, answer.Gap,
            answer.Impacts.IsEmpty ? null : answer.Impacts.ToArray());
        return true;
    }

    private static IEnumerable<AgainQuestion> QuestionsOf(LedgerSession session, long instance, Failure failure)
    {
        List<Notice> told = session.Rows(
            $"SELECT {NoticeRows.Columns} FROM notices WHERE failure = ?1 AND state = 2 ORDER BY number DESC LIMIT ?2",
            NoticeRows.Of, failure.Id, ToldMax);
        told.RemoveAll(notice => notice.Instance != instance);
        return PlacesOf(session, instance, failure).SelectMany(
            at => QuestionsOf(failure, at.Device, at.Range, told.FindAll(notice => notice.Device == at.Device)));
    }

    /// <summary>A failure's bytes as the filesystem has them: on the device itself, or on one above it.</summary>
    private static IEnumerable<(long Device, ByteRange Range)> PlacesOf(
        LedgerSession session, long instance, Failure failure)
    {
        List<ClaimedRange> its = InstanceRows.RangesOf(session, instance);
        if (failure.Instance == instance && its.Exists(at => at.Device == failure.Device))
        {
            return [(failure.Device, failure.Range)];
        }

        return PlaceRows.Above(session, failure.Device, failure.Range)
            .SelectMany(place => its.Where(at => at.Device == place.Above)
                .Select(at => (place.Above, place.AboveRange.Intersect(at.Range))))
            .Where(at => !at.Item2.IsEmpty);
    }

    /// <summary>
    /// The parts in which it was told of, where they make up the whole; else the whole: then what grew together is told
    /// of as one, once.
    /// </summary>
    private static List<AgainQuestion> QuestionsOf(Failure failure, long device, ByteRange whole, List<Notice> told)
    {
        var parts = new List<AgainQuestion>();
        ByteRangeSet covered = ByteRangeSet.Empty;
        foreach (Notice notice in told)
        {
            ByteRange range = notice.Range.Intersect(whole);
            bool isWhole = !range.IsEmpty && range == notice.Range;
            if (!isWhole || covered.Overlaps(range)) continue;
            parts.Add(new(failure, device, range, notice));
            covered = ByteRangeSet.From(covered.Append(range));
        }

        return covered.TotalLength == whole.Length ? parts : [new(failure, device, whole, null)];
    }
}
