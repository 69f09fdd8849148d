// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>
/// One change of facts, written down: the failures it leaves, their history, and a notice for every byte of which
/// something new is to be said.
/// </summary>
/// <param name="Source">Who says so.</param>
/// <param name="What">In the history's words.</param>
/// <param name="IsCounted">Whether hearing of known bytes again is counted.</param>
internal sealed record FailureChange(
    LedgerSession Session, FailureIds Ids, long Device, FailureKind Kind, string Source, string What,
    NoticeCause Cause, bool IsCounted, string? Note)
{
    private const string InsertHistory = """
        INSERT INTO history (failure, revision, time, what, source, offset, length, note)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """;

    private const string InsertNotice = """
        INSERT INTO notices (failure, revision, cause, state, device, instance, offset, length, kind, medium, content,
            time, sequence, gap)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """;

    private DateTimeOffset Now { get; } = Session.Time.GetUtcNow();

    /// <summary>Changes the facts of a range.</summary>
    /// <returns>The failures that hold its bytes afterwards.</returns>
    internal List<FailureRevision> Apply(
        Territory territory, ByteRange range, Func<FailureFacts?, FailureFacts?> change)
    {
        List<Failure> known = FailureRows.Around(Session, Device, Kind, range);
        List<FailureRun> runs = FailureCut.Apply(known, range, change);
        var after = runs.ConvertAll(AfterOf);
        // First what ends, then what moves, then what is new: active failures never overlap, not even in between.
        Retire(known, runs, after);
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Kept is { } kept && after[i] != kept) FailureRows.Update(Session, after[i]);
        }

        var touched = new List<FailureRevision>();
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Kept is null) FailureRows.Insert(Session, after[i]);
            if (!runs[i].IsTouched) TellOfCut(runs[i], after[i]);
            else touched.Add(new(after[i].Id, after[i].Revision));
            TellOfChange(territory, runs[i], after[i]);
        }

        return touched;
    }

    private Failure AfterOf(FailureRun run)
    {
        FailureFacts facts = run.Facts;
        bool isHeard = run.IsTouched && IsCounted;
        Failure? kept = run.Kept;
        Failure[] parts = [.. run.Parts()];
        Failure first = kept ?? parts.FirstOrDefault() ?? NewOf(run);
        bool isSame = kept is not null && kept.Range == run.Range && FailureFacts.Of(kept) == facts;
        return first with
        {
            Id = kept?.Id ?? Ids.Next(),
            Revision = kept is null ? 1 : isSame ? kept.Revision : kept.Revision + 1,
            Range = run.Range,
            Medium = facts.Medium,
            Content = facts.Content,
            Instance = facts.Instance,
            IsSuperseded = facts.IsSuperseded,
            Owner = facts.Owner,
            Note = facts.Note,
            MergedInto = null,
            FirstSeen = parts.Length == 0 ? Now : parts.Min(part => part.FirstSeen),
            LastSeen = isHeard || parts.Length == 0 ? Now : parts.Max(part => part.LastSeen),
            Count = parts.Sum(part => part.Count) + (isHeard || parts.Length == 0 ? 1 : 0),
            Sources = SourcesOf(parts, isHeard || parts.Length == 0),
        };
    }

    private Failure NewOf(FailureRun run) => new()
    {
        Id = Guid.Empty, Revision = 1, Device = Device, Range = run.Range, Kind = Kind, Medium = run.Facts.Medium,
        Content = run.Facts.Content, FirstSeen = Now, LastSeen = Now, Count = 0, Sources = Source,
    };

    private string SourcesOf(Failure[] parts, bool isHeard)
    {
        // Nearly always the same one again.
        if (Array.TrueForAll(parts, part => part.Sources == Source)) return isHeard ? Source : parts[0].Sources;
        IEnumerable<string> all = parts.SelectMany(part => part.Sources.Split(' '));
        return string.Join(' ', (isHeard ? all.Append(Source) : all).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Failures that gave no run their id are part of the run that holds their first byte.</summary>
    private void Retire(List<Failure> known, List<FailureRun> runs, List<Failure> after)
    {
        foreach (Failure failure in known)
        {
            if (runs.Exists(run => ReferenceEquals(run.Kept, failure))) continue;
            int into = runs.FindIndex(
                run => run.Range.Offset <= failure.Range.Offset && failure.Range.Offset < run.Range.End);
            Failure merged = failure with { MergedInto = after[into].Id, Revision = failure.Revision + 1 };
            FailureRows.Update(Session, merged);
            History(merged, failure.Range, "merged", $"into {after[into].Id}");
        }
    }

    /// <summary>A part that was cut off by a change of its neighbour says what it said, under another id.</summary>
    private void TellOfCut(FailureRun run, Failure after)
    {
        if (run.Kept is { } kept && kept.Range == run.Range) return;
        Failure? from = run.Kept ?? run.Parts().FirstOrDefault();
        History(after, run.Range, run.Kept is null ? "split" : "cut", run.Kept is null ? $"from {from?.Id}" : null);
    }

    private void TellOfChange(Territory territory, FailureRun run, Failure after)
    {
        for (int i = 0; i < run.Pieces.Count;)
        {
            if (!run.Pieces[i].IsChanged)
            {
                i++;
                continue;
            }

            int end = i;
            while (end + 1 < run.Pieces.Count && run.Pieces[end + 1].IsChanged) end++;
            var delta = ByteRange.FromTo(run.Pieces[i].Range.Offset, run.Pieces[end].Range.End);
            History(after, delta, What, Note);
            if (!after.IsSuperseded) Notices(territory, after, delta);
            i = end + 1;
        }
    }

    private void Notices(Territory territory, Failure after, ByteRange delta)
    {
        foreach (Terrain terrain in territory.Cut(delta))
        {
            if (Cause == NoticeCause.Bound) BoundNotices(terrain, after);
            else Notice(terrain, after, terrain.Place);
        }

        // To whom else bytes have come is told to them, by their claims.
        if (Cause == NoticeCause.Bound) return;
        foreach (Terrain terrain in territory.Others(delta)) Notice(terrain, after, terrain.Place);
    }

    private void BoundNotices(in Terrain terrain, Failure after)
    {
        // That bytes have nobody any more is no news, and what waited for their holder goes to it as it is.
        if (after.Instance is not { } instance) return;
        var waiting = ByteRangeSet.From(Session.Rows(
            "SELECT offset, length FROM notices INDEXED BY notices_waiting"
            + " WHERE state = 0 AND instance = ?1 AND device = ?2 AND kind = ?3",
            row => new ByteRange(row.GetInt64(0), row.GetInt64(1)), instance, terrain.Device, (long)Kind));
        foreach (ByteRange part in waiting.Gaps(terrain.Place)) Notice(terrain, after, part);
    }

    /// <param name="range">Bytes of the terrain's device.</param>
    internal void Notice(in Terrain terrain, Failure after, ByteRange range)
    {
        // Where nobody could ever be asked there is nothing to wait for: it is published as it is written.
        NoticeState state = terrain.IsNobodys ? NoticeState.Published
            : terrain.IsReady ? NoticeState.Ready : NoticeState.Waiting;
        long? instance = terrain.Device == Device ? after.Instance : terrain.Instance;
        Session.Execute(
            InsertNotice, after.Id, after.Revision, (long)Cause, (long)state, terrain.Device, instance,
            range.Offset, range.Length, (long)Kind, (long)after.Medium, (long)after.Content,
            LedgerSession.Microseconds(Now), terrain.IsNobodys ? Feed.NextSequence(Session) : null,
            terrain.IsNobodys ? "no filesystem is known here" : null);
    }

    internal void History(Failure failure, ByteRange range, string what, string? note) => Session.Execute(
        InsertHistory, failure.Id, failure.Revision, LedgerSession.Microseconds(Now), what, Source, range.Offset,
        range.Length, note);
}
