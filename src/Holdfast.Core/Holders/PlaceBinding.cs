// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>
/// What becomes of failures once it is known that a claimed device lies on another one: one fault is one failure, of
/// the device below, and whoever holds the device above is told of it (C8).
/// </summary>
internal sealed class PlaceBinding(FailureIds ids)
{
    /// <summary>That a device is away is a matter of that device (C13).</summary>
    private const FailureKind Kind = FailureKind.Media;

    /// <summary>What was heard of at the devices of a claim, before anybody knew where they lie, goes below.</summary>
    internal void Descend(LedgerSession session, string claim, string source)
    {
        foreach (long above in session.Rows(
            "SELECT DISTINCT above FROM places WHERE claim = ?1", row => row.GetInt64(0), claim))
        {
            List<Failure> active = session.Rows(
                $"SELECT {FailureRows.Columns} FROM failures WHERE active AND device = ?1 AND kind = ?2"
                + " ORDER BY id",
                FailureRows.Of, above, (long)Kind);
            foreach (Failure failure in active) Descend(session, failure, source);
        }
    }

    /// <summary>Tells a filesystem what is known of the devices that its own lie on, where it was not told.</summary>
    internal void Bind(LedgerSession session, long instance, string source)
    {
        foreach (ClaimedRange at in InstanceRows.RangesOf(session, instance))
        {
            foreach (LedgerPlace place in PlaceRows.Below(session, at.Device, at.Range))
            {
                Bind(session, instance, place, source);
            }
        }
    }

    private void Descend(LedgerSession session, Failure failure, string source)
    {
        List<LedgerPlace> places = PlaceRows.Below(session, failure.Device, failure.Range);
        // What lies there only in part stays what it was: no byte may be left without its failure.
        if (places.Sum(place => place.AboveRange.Length) < failure.Range.Length) return;
        Failure over = failure with { IsSuperseded = true, Revision = failure.Revision + 1 };
        FailureRows.Update(session, over);
        string name = DeviceRows.Find(session, failure.Device)?.Name ?? "a device above";
        foreach (LedgerPlace place in places)
        {
            FailureChange change = ChangeOf(session, place.Below, source, $"heard of at {name}");
            change.History(over, place.AboveRange, "found below", $"at byte {place.BelowRange.Offset}");
            var territory = Territory.Of(session, place.Below);
            foreach ((ByteRange part, long? instance) in territory.CutByInstance(place.BelowRange))
            {
                FailureFacts facts = FailureFacts.Of(failure) with { Instance = instance };
                bool isLost = instance is not null && facts.Content == ContentState.Unknown;
                if (isLost) facts = facts with { Content = InstanceBinding.ContentFor(facts) };
                change.Apply(territory, part, before => before ?? facts);
            }
        }

        foreach (LedgerPlace place in places) Hand(session, failure, place);
    }

    /// <summary>What waited for a filesystem waits on, as a matter of the failure below.</summary>
    private static void Hand(LedgerSession session, Failure from, LedgerPlace place)
    {
        if (FailureRows.Around(session, place.Below, Kind, place.BelowRange)
            .Find(at => at.Range.Overlaps(place.BelowRange)) is not { } to)
        {
            return;
        }

        session.Execute(
            """
            UPDATE notices SET failure = ?2, revision = ?3
            WHERE failure = ?1 AND state IN (0, 1) AND offset >= ?4 AND offset < ?5
            """,
            from.Id, to.Id, to.Revision, place.AboveRange.Offset, place.AboveRange.End);
    }

    private void Bind(LedgerSession session, long instance, in LedgerPlace place, string source)
    {
        FailureChange change = ChangeOf(session, place.Below, source, note: null);
        var territory = Territory.Of(session, place.Below);
        foreach ((ByteRange part, long? its) in territory.CutByInstance(place.BelowRange))
        {
            // Nobody below has them: they are the filesystem's own.
            if (its != instance) continue;
            change.Apply(territory, part, before => before is { Instance: null } facts
                ? facts with { Instance = instance, Content = InstanceBinding.ContentFor(facts) }
                : before);
        }

        foreach (Failure failure in FailureRows.Around(session, place.Below, Kind, place.BelowRange))
        {
            foreach (Terrain at in territory.Cut(failure.Range).Concat(territory.Others(failure.Range)))
            {
                if (at.Device != place.Above || at.Instance != instance) continue;
                foreach (ByteRange untold in Told(session, failure, at).Gaps(at.Place.Intersect(place.AboveRange)))
                {
                    change.Notice(at, failure, untold);
                }
            }
        }
    }

    /// <summary>What a filesystem was told, or is to be told, of a failure as it is now.</summary>
    private static ByteRangeSet Told(LedgerSession session, Failure failure, in Terrain at) =>
        ByteRangeSet.From(session.Rows(
            """
            SELECT offset, length FROM notices
            WHERE failure = ?1 AND device = ?2 AND instance = ?3 AND state <> 3 AND medium = ?4
            """,
            row => new ByteRange(row.GetInt64(0), row.GetInt64(1)), failure.Id, at.Device, at.Instance,
            (long)failure.Medium));

    private FailureChange ChangeOf(LedgerSession session, long device, string source, string? note) =>
        new(session, ids, device, Kind, source, "bound", NoticeCause.Bound, IsCounted: false, note);
}
