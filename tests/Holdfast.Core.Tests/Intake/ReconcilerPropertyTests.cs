// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Intake;

/// <summary>
/// C8. Goal: whatever is reported in whatever order, the failures hold exactly the bytes that were reported and not
/// taken back, each with the facts it must have; and notices tell each byte's news once.
/// Method: a model that keeps facts byte by byte, beside the ledger, over random reports, lists and actions.
/// </summary>
public sealed class ReconcilerPropertyTests
{
    private const int Bytes = 48;

    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", Bytes);

    [Theory]
    [InlineData(400, 1)]
    public void No_byte_is_lost_or_invented(int seeds, int first)
    {
        for (int seed = first; seed < first + seeds; seed++) Run(seed);
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        using var ledger = new MemoryLedger();
        var ids = new FailureIds(TimeProvider.System, new Random(seed));
        var reconciler = new Reconciler(ids);
        var actions = new FailureActions(ids);
        var model = new (MediumState Medium, ContentState Content)?[Bytes];
        for (int step = 0; step < 40; step++)
        {
            long before = ledger.Session.Scalar<long>("SELECT coalesce(max(number), 0) FROM notices");
            var changed = new HashSet<int>();
            string what = random.Next(10) < 7 || Active(ledger).Count == 0
                ? Report(random, reconciler, ledger, model, changed, $"{seed}/{step}")
                : Act(random, actions, ledger, model, changed);
            string where = $"seed {seed}, step {step}: {what}";
            CheckBytes(ledger, model, where);
            CheckNotices(ledger, before, changed, where);
        }
    }

    private static string Report(
        Random random, Reconciler reconciler, MemoryLedger ledger, (MediumState Medium, ContentState Content)?[] model,
        HashSet<int> changed, string key)
    {
        int count = random.Next(1, 4);
        ByteRangeSet ranges = ByteRangeSet.From(Enumerable.Range(0, count).Select(_ =>
        {
            int offset = random.Next(Bytes);
            return new ByteRange(offset, random.Next(1, Math.Min(10, Bytes - offset + 1)));
        }));
        MediumState medium = random.Next(
            6) switch { 0 => MediumState.Confirmed, 1 => MediumState.Readable, _ => MediumState.Suspect };
        bool isComplete = medium != MediumState.Readable && random.Next(5) == 0;
        ReportBasis basis = isComplete ? ReportBasis.List : ReportBasis.Error;
        var report = new Report
        {
            Key = key, Source = "test", Device = Disk, Basis = basis, Ranges = ranges, Medium = medium,
            IsComplete = isComplete,
        };
        reconciler.Apply(ledger.Session, report);
        Assert.True(reconciler.Apply(ledger.Session, report).IsDuplicate);
        for (int at = 0; at < Bytes; at++)
        {
            var old = model[at];
            bool isNamed = ranges.Overlaps(at, 1);
            if (isNamed) model[at] = Named(old, medium, basis);
            else if (isComplete && old is { Medium: MediumState.Suspect or MediumState.Confirmed } bad)
            {
                model[at] = bad with { Medium = MediumState.Readable };
            }

            Forget(model, at);
            if (old != model[at] && (model[at] is not null || old is not null)) changed.Add(at);
        }

        return $"{medium} {basis} {(isComplete ? "complete " : "")}{string.Join(' ', ranges)}";
    }

    private static (MediumState Medium, ContentState Content)? Named(
        (MediumState Medium, ContentState Content)? old, MediumState medium, ReportBasis basis)
    {
        if (old is not { } facts)
        {
            return medium == MediumState.Readable ? null : (medium, ContentState.Unknown);
        }

        if (medium == MediumState.Readable) return (medium, facts.Content);
        bool wasBad = facts.Medium is MediumState.Suspect or MediumState.Confirmed;
        MediumState now = wasBad && medium == MediumState.Suspect ? facts.Medium : medium;
        bool isWritten = facts.Content is ContentState.Rewritten or ContentState.Restored;
        bool isLostAgain = isWritten && (basis != ReportBasis.List || !wasBad);
        return (now, isLostAgain ? ContentState.Unknown : facts.Content);
    }

    /// <summary>What reads and is settled says nothing any more.</summary>
    private static void Forget((MediumState Medium, ContentState Content)?[] model, int at)
    {
        if (model[at] is { Medium: MediumState.Readable, Content: not (ContentState.Unknown or ContentState.Lost) })
        {
            model[at] = null;
        }
    }

    private static string Act(
        Random random, FailureActions actions, MemoryLedger ledger, (MediumState Medium, ContentState Content)?[] model,
        HashSet<int> changed)
    {
        List<Failure> active = Active(ledger);
        Failure failure = active[random.Next(active.Count)];
        ContentState? how = random.Next(4) switch
        {
            0 => null,
            1 => ContentState.Rewritten,
            2 => ContentState.Restored,
            _ => ContentState.Dismissed,
        };
        if (how is { } settled) actions.Clear(ledger.Session, failure.Id, settled, "test", null);
        else actions.Confirm(ledger.Session, failure.Id, "test", null);
        for (long at = failure.Range.Offset; at < failure.Range.End; at++)
        {
            var old = model[at]!.Value;
            model[at] = how is { } content ? (old.Medium, content) : (MediumState.Confirmed, old.Content);
            Forget(model, (int)at);
            if (model[at] != old) changed.Add((int)at);
        }

        return $"{how?.ToString() ?? "confirm"} {failure.Range}";
    }

    private static void CheckBytes(
        MemoryLedger ledger, (MediumState Medium, ContentState Content)?[] model, string where)
    {
        var found = new (MediumState Medium, ContentState Content)?[Bytes];
        Failure? last = null;
        foreach (Failure failure in Active(ledger))
        {
            for (long at = failure.Range.Offset; at < failure.Range.End; at++)
            {
                Assert.True(found[at] is null, $"{where}: byte {at} is in two failures");
                found[at] = (failure.Medium, failure.Content);
            }

            bool isApart = last is null || last.Range.End < failure.Range.Offset || last.Medium != failure.Medium
                || last.Content != failure.Content;
            Assert.True(isApart, $"{where}: {last?.Range} and {failure.Range} touch and say the same");
            last = failure;
        }

        Assert.True(model.SequenceEqual(found), $"{where}\nwanted {Text(model)}\nfound  {Text(found)}");
    }

    private static void CheckNotices(MemoryLedger ledger, long before, HashSet<int> changed, string where)
    {
        var told = new List<int>();
        foreach (ByteRange range in ledger.Session.Rows(
            "SELECT offset, length FROM notices WHERE number > ?1", row =>
                new ByteRange(row.GetInt64(0), row.GetInt64(1)),
            before))
        {
            for (long at = range.Offset; at < range.End; at++) told.Add((int)at);
        }

        Assert.True(
            told.Order().SequenceEqual(changed.Order()),
            $"{where}: changed {string.Join(' ', changed.Order())}, told {string.Join(' ', told.Order())}");
    }

    private static List<Failure> Active(MemoryLedger ledger) => ledger.Session.Rows(
        $"SELECT {FailureRows.Columns} FROM failures WHERE active ORDER BY offset", FailureRows.Of);

    private static string Text((MediumState Medium, ContentState Content)?[] model) => string.Concat(
        model.Select(at => at is { } facts
            ? $"{facts.Medium.ToString()[0]}{facts.Content.ToString()[0]}{facts.Content.ToString()[2]} " : "- "));
}
