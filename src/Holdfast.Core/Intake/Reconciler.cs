// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>
/// Holds reports against what the ledger knows (C8): new bytes are failures, known ones are left in peace, what a
/// complete list no longer names reads again. Works inside one ledger transaction.
/// </summary>
internal sealed class Reconciler(FailureIds ids)
{
    private const int RevisionSize = 16 + sizeof(long);

    /// <summary>Takes a report in; the same key again changes nothing.</summary>
    internal ReportReceipt Apply(LedgerSession session, Report report)
    {
        ReportReceipt? known = session.Row(
            "SELECT seq, failures FROM reports WHERE key = ?1",
            row => new ReportReceipt(row.GetInt64(0), true, Unpack(row.GetBytes(1))), report.Key);
        if (known is not null) return known;

        long device = DeviceRows.NumberOf(session, report.Device);
        var touched = new SortedDictionary<Guid, long>(IdOrder.Instance);
        bool isHeld = false;
        foreach (ReportedPart part in ReportedPart.Of(session, device, report))
        {
            var territory = Territory.Of(session, part.Device);
            FailureChange change = ChangeOf(session, report, part);
            foreach (ByteRange range in part.Ranges)
            {
                Note(touched, Apply(change, territory, range, report.Medium, report.Basis));
            }

            if (report.IsComplete) TakeBack(session, report, part, territory);
            isHeld |= territory.IsHeld;
        }

        List<FailureRevision> failures = [.. touched.Select(at => new FailureRevision(at.Key, at.Value))];
        long sequence = session.Scalar<long>("SELECT coalesce(max(seq), 0) FROM history");
        session.Execute(
            "INSERT INTO reports (key, seq, time, failures) VALUES (?1, ?2, ?3, ?4)",
            report.Key, sequence, session.Now, Pack(failures));
        return new(sequence, false, failures) { IsHeld = isHeld };
    }

    private FailureChange ChangeOf(LedgerSession session, Report report, ReportedPart part) => new(
        session, ids, part.Device, report.Kind, report.Source, WhatOf(report.Medium), CauseOf(report.Medium),
        IsCounted: !IsList(report.Basis), part.Note);

    private static List<FailureRevision> Apply(
        FailureChange change, Territory territory, ByteRange range, MediumState medium, ReportBasis basis)
    {
        var touched = new List<FailureRevision>();
        foreach ((ByteRange part, long? instance) in territory.CutByInstance(range))
        {
            touched.AddRange(
                change.Apply(territory, part, before => After(change.Kind, before, medium, instance, basis)));
        }

        return touched;
    }

    /// <summary>What bytes are after a report, from what they were.</summary>
    private static FailureFacts? After(
        FailureKind kind, FailureFacts? before, MediumState medium, long? instance, ReportBasis basis)
    {
        bool isBad = medium is MediumState.Suspect or MediumState.Confirmed;
        if (before is not { } facts)
        {
            // That unknown bytes read is no news; that a device is away is.
            if (!isBad && kind == FailureKind.Media) return null;
            if (medium == MediumState.Readable) return null;
            return new(medium, ContentOf(medium, instance), instance, false, null, null);
        }

        if (!isBad)
        {
            // With its device an absence ends; content that a medium lost never comes back by itself (C5).
            bool isBack = kind == FailureKind.Absent && medium == MediumState.Readable;
            // A request was blamed whole: what of it reads with care was never lost.
            bool isDismissed = basis is ReportBasis.Probe or ReportBasis.Scan && medium == MediumState.Readable
                && facts is { Medium: MediumState.Suspect, Content: ContentState.Unknown };
            ContentState then = isBack ? ContentState.Restored
                : isDismissed ? ContentState.Dismissed
                : facts.Content;
            return facts with { Medium = medium, Content = then };
        }

        bool isWorse = facts.Medium is MediumState.Readable or MediumState.Gone
            || (medium == MediumState.Confirmed && facts.Medium == MediumState.Suspect);
        MediumState now = isWorse ? medium : facts.Medium;
        // What was written since is lost again; a list may be older than the writing.
        bool isLostAgain = facts.Content is ContentState.Rewritten or ContentState.Restored
            && (!IsList(basis) || facts.Medium is MediumState.Readable or MediumState.Gone);
        ContentState content = isLostAgain ? ContentState.Unknown : facts.Content;
        if (now == MediumState.Confirmed && content == ContentState.Unknown) content = ContentOf(now, facts.Instance);
        return facts with { Medium = now, Content = content };
    }

    /// <summary>Only bytes of somebody, that are known not to read, are known to be lost.</summary>
    private static ContentState ContentOf(MediumState medium, long? instance) =>
        medium == MediumState.Confirmed && instance is not null ? ContentState.Lost : ContentState.Unknown;

    /// <summary>What a complete list does not name reads again.</summary>
    private void TakeBack(LedgerSession session, Report report, ReportedPart part, Territory territory)
    {
        var change = new FailureChange(
            session, ids, part.Device, report.Kind, report.Source, WhatOf(MediumState.Readable),
            NoticeCause.MediumChanged, IsCounted: false, part.Note);
        if (part.Scope.IsEmpty) return;
        var hull = ByteRange.FromTo(part.Scope[0].Offset, part.Scope[^1].End);
        foreach (Failure failure in FailureRows.Around(session, part.Device, report.Kind, hull))
        {
            if (failure.Medium is not (MediumState.Suspect or MediumState.Confirmed)) continue;
            if (report.LookedFrom is { } from && failure.LastSeen >= from) continue;
            foreach (ByteRange good in part.Scope.Within(failure.Range).SelectMany(part.Ranges.Gaps))
            {
                Apply(change, territory, good, MediumState.Readable, report.Basis);
            }
        }
    }

    /// <summary>It names what is known again each time: that is not heard of once more.</summary>
    private static bool IsList(ReportBasis basis) => basis is ReportBasis.List or ReportBasis.Scan;

    private static string WhatOf(MediumState medium) => medium switch
    {
        MediumState.Suspect => "reported",
        MediumState.Confirmed => "confirmed",
        MediumState.Readable => "reads again",
        _ => "gone",
    };

    private static NoticeCause CauseOf(MediumState medium) => medium switch
    {
        MediumState.Suspect => NoticeCause.Reported,
        MediumState.Confirmed => NoticeCause.Confirmed,
        _ => NoticeCause.MediumChanged,
    };

    /// <summary>Ranges of one report may grow into one failure one after the other: only what is last counts.</summary>
    private static void Note(SortedDictionary<Guid, long> touched, List<FailureRevision> more)
    {
        foreach (FailureRevision at in more) touched[at.Id] = at.Revision;
    }

    private static byte[] Pack(List<FailureRevision> failures)
    {
        byte[] bytes = new byte[failures.Count * RevisionSize];
        for (int i = 0; i < failures.Count; i++)
        {
            Span<byte> at = bytes.AsSpan(i * RevisionSize, RevisionSize);
            failures[i].Id.TryWriteBytes(at, bigEndian: true, out _);
            BinaryPrimitives.WriteInt64BigEndian(at[16..], failures[i].Revision);
        }

        return bytes;
    }

    private static List<FailureRevision> Unpack(byte[] bytes)
    {
        var failures = new List<FailureRevision>(bytes.Length / RevisionSize);
        for (int at = 0; at + RevisionSize <= bytes.Length; at += RevisionSize)
        {
            failures.Add(new(
                new Guid(bytes.AsSpan(at, 16), bigEndian: true),
                BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 16))));
        }

        return failures;
    }
}
