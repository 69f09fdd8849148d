// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>Bytes of an open failure that its filesystem is asked about again.</summary>
/// <param name="Told">What was last said of exactly these bytes; null: nothing was said of them as a whole.</param>
internal sealed record AgainQuestion(Failure Failure, ByteRange Range, Notice? Told);

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

    /// <summary>Questions about a page of an instance's open failures, by id.</summary>
    /// <returns>The last id looked at; null at the end.</returns>
    internal static (List<AgainQuestion> Questions, Guid? Next) Page(
        LedgerSession session, long instance, Guid after, int limit)
    {
        List<Failure> open = session.Rows(OpenOf, FailureRows.Of, instance, after, limit);
        return ([.. open.SelectMany(failure => QuestionsOf(session, failure))],
            open.Count < limit ? null : open[^1].Id);
    }

    /// <summary>Questions about one failure; none where it is not open or not of the instance.</summary>
    internal static List<AgainQuestion> Of(LedgerSession session, long instance, Guid id) =>
        FailureRows.Find(session, id) is { IsOpen: true, IsActive: true } failure && failure.Instance == instance
            ? QuestionsOf(session, failure)
            : [];

    /// <summary>Tells what has changed.</summary>
    /// <returns>Whether anything was told.</returns>
    internal static bool Tell(LedgerSession session, AgainQuestion question, ResolvedRange answer)
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
            Feed.NextSequence(session), now.Device, now.Instance, question.Range.Offset, question.Range.Length,
            (long)now.Kind, (long)now.Medium, (long)now.Content, session.Now, answer.IsComplete, answer.Gap,
            answer.Impacts.IsEmpty ? null : answer.Impacts.ToArray());
        return true;
    }

    /// <summary>
    /// The parts in which it was told of, where they make up the whole; else the whole: then what grew together is told
    /// of as one, once.
    /// </summary>
    private static List<AgainQuestion> QuestionsOf(LedgerSession session, Failure failure)
    {
        List<Notice> told = session.Rows(
            $"SELECT {NoticeRows.Columns} FROM notices WHERE failure = ?1 AND state = 2 ORDER BY number DESC LIMIT ?2",
            NoticeRows.Of, failure.Id, ToldMax);
        var parts = new List<AgainQuestion>();
        ByteRangeSet covered = ByteRangeSet.Empty;
        foreach (Notice notice in told)
        {
            if (notice.Device != failure.Device || notice.Instance != failure.Instance) continue;
            ByteRange range = notice.Range.Intersect(failure.Range);
            bool isWhole = !range.IsEmpty && range == notice.Range;
            if (!isWhole || covered.Overlaps(range)) continue;
            parts.Add(new(failure, range, notice));
            covered = ByteRangeSet.From(covered.Append(range));
        }

        return covered.TotalLength == failure.Range.Length ? parts : [new(failure, failure.Range, null)];
    }
}
