// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>
/// The arithmetic of failures (C8), on values only: a change of some bytes cuts the failures it meets, and what touches
/// and says the same grows together. No byte is lost, and none is invented.
/// </summary>
internal static class FailureCut
{
    /// <param name="known">Active failures of one device and kind that overlap or touch the range, by offset.</param>
    /// <param name="change">The facts of bytes inside the range afterwards, from those before (null: nobody knew of
    /// them); null: still nothing to say.</param>
    /// <returns>The failures afterwards, by offset, with the ids they keep.</returns>
    internal static List<FailureRun> Apply(
        IReadOnlyList<Failure> known, ByteRange range, Func<FailureFacts?, FailureFacts?> change)
    {
        var runs = new List<FailureRun>();
        long next = range.Offset;
        foreach (Failure failure in known)
        {
            FailureFacts facts = FailureFacts.Of(failure);
            ByteRange inside = failure.Range.Intersect(range);
            if (failure.Range.Offset < range.Offset)
            {
                long end = Math.Min(failure.Range.End, range.Offset);
                Add(runs, new(ByteRange.FromTo(failure.Range.Offset, end), facts, failure, false, false));
            }

            if (!inside.IsEmpty)
            {
                AddNew(runs, ByteRange.FromTo(next, inside.Offset), change);
                FailureFacts after = change(facts) ?? facts;
                Add(runs, new(inside, after, failure, after != facts, true));
                next = inside.End;
            }

            if (failure.Range.End > range.End)
            {
                long start = Math.Max(failure.Range.Offset, range.End);
                AddNew(runs, ByteRange.FromTo(next, range.End), change);
                next = range.End;
                Add(runs, new(ByteRange.FromTo(start, failure.Range.End), facts, failure, false, false));
            }
        }

        AddNew(runs, ByteRange.FromTo(next, range.End), change);
        KeepIds(runs);
        return runs;
    }

    private static void AddNew(List<FailureRun> runs, ByteRange range, Func<FailureFacts?, FailureFacts?> change)
    {
        if (range.IsEmpty || change(null) is not { } facts) return;
        Add(runs, new(range, facts, From: null, IsChanged: true, IsTouched: true));
    }

    private static void Add(List<FailureRun> runs, in FailurePiece piece)
    {
        if (runs.Count == 0 || !runs[^1].TryExtend(piece)) runs.Add(new(piece));
    }

    /// <summary>
    /// The oldest failure of a run gives it its id. A failure that was cut gives its own to the part that still says
    /// what it said, else to its first.
    /// </summary>
    private static void KeepIds(List<FailureRun> runs)
    {
        var given = new HashSet<Guid>();
        foreach (bool asBefore in (bool[])[true, false])
        {
            foreach (FailureRun run in runs)
            {
                run.Kept ??= run.Parts()
                    .Where(part => !given.Contains(part.Id) && (!asBefore || FailureFacts.Of(part) == run.Facts))
                    .MinBy(part => part.Id, IdOrder.Instance);
                if (run.Kept is not null) given.Add(run.Kept.Id);
            }
        }
    }
}
