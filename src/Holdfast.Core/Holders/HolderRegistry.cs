// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>
/// Who answers for which bytes, and how far they have come (C2, C4, C6). Claims are leases with an epoch: what a holder
/// says under an epoch that is over is refused. Works inside one ledger transaction.
/// </summary>
internal sealed class HolderRegistry(FailureIds ids)
{
    private readonly InstanceBinding _binding = new(ids);
    private readonly PlaceBinding _places = new(ids);

    /// <summary>A claim, its renewal, or the next step of its lifecycle.</summary>
    /// <exception cref="HolderRefusedException">Nothing has changed.</exception>
    internal Holder Put(LedgerSession session, HolderClaim claim)
    {
        ExpireLeases(session);
        Holder? existing = HolderRows.Find(session, claim.Name);
        Check(session, claim, existing);
        List<ClaimedRange> ranges = RangesOf(session, claim);
        FilesystemIdentity? filesystem = claim.Filesystem ?? (claim.Epoch is null ? null : existing?.Filesystem);
        if (claim.State >= HolderState.SuperblockRead && filesystem is null)
        {
            throw Malformed("the superblock is read, but no filesystem is named");
        }

        var holder = new Holder
        {
            Name = claim.Name,
            Epoch = claim.Epoch ?? HolderRows.NextEpoch(session, claim.Name),
            State = claim.State,
            Ranges = ranges,
            Decisions = claim.Decisions,
            Lease = claim.Lease,
            LeaseEnds = session.Time.GetUtcNow() + claim.Lease,
        };
        HolderRows.Put(session, holder);
        bool isElsewhere = PlaceRows.Put(session, claim.Name, claim.Places);
        if (isElsewhere) _places.Descend(session, claim.Name, $"holder:{claim.Name}");
        if (filesystem is not null && claim.State >= HolderState.SuperblockRead)
        {
            bool isKnown = existing?.Instance is not null && existing.Filesystem == filesystem
                && existing.Ranges.SequenceEqual(ranges);
            long instance = isKnown ? existing!.Instance!.Value : InstanceOf(session, holder, filesystem);
            HolderRows.Put(session, holder with { Instance = instance });
            if (isElsewhere || !isKnown) _places.Bind(session, instance, $"holder:{claim.Name}");
        }

        ReleaseUnclaimed(session, ranges.Concat(existing?.Ranges ?? []));

        Holder now = HolderRows.Find(session, claim.Name)!;
        if (RecoveredHolder.From(now) is { } recovered) Replay(session, recovered);
        if (claim.State == HolderState.Gone) Drop(session, now);
        return now;
    }

    /// <summary>The claim ends. Once more does no harm.</summary>
    /// <exception cref="HolderRefusedException">The epoch is over: the claim is another one's.</exception>
    internal static void Release(LedgerSession session, string name, long? epoch)
    {
        if (HolderRows.Find(session, name) is not { } holder) return;
        if (epoch is not null && epoch != holder.Epoch) throw Stale(name, holder.Epoch);
        Drop(session, holder);
    }

    /// <summary>Holders that were not heard of in time are gone.</summary>
    internal static IReadOnlyList<string> ExpireLeases(LedgerSession session)
    {
        List<string> ended = HolderRows.Ended(session, session.Now);
        foreach (string name in ended) Drop(session, HolderRows.Find(session, name)!);
        return ended;
    }

    /// <summary>An administrator says that a candidate is the instance itself, moved here (C6).</summary>
    /// <exception cref="HolderRefusedException">It is no candidate.</exception>
    internal void Moved(LedgerSession session, long candidate, string by)
    {
        // A dead holder is in nobody's way.
        ExpireLeases(session);
        InstanceRows.Instance here = CandidateAt(session, candidate);
        long original = here.CandidateOf!.Value;
        if (InstanceRows.Find(session, original) is null) throw Unknown(original);
        if (HolderRows.OfInstance(session, original) is { } live)
        {
            throw new HolderRefusedException(
                HolderRefusal.HeldBy, $"the instance is held by {live.Name} where it was: it cannot have moved",
                    live.Name);
        }

        List<ClaimedRange> from = InstanceRows.RangesOf(session, original);
        List<ClaimedRange> to = InstanceRows.RangesOf(session, candidate);
        InstanceBinding.LeavePlace(session, original);
        InstanceRows.Replace(session, candidate, original);
        session.Execute("DELETE FROM instance_ranges WHERE instance = ?1", candidate);
        InstanceRows.PutRanges(session, original, to);
        session.Execute("UPDATE claims SET instance = ?2 WHERE instance = ?1", candidate, original);
        // What the instance was told of on its old device is told again at its new place, under new numbers.
        session.Execute(
            "UPDATE instances SET cursor = (SELECT cursor FROM instances WHERE id = ?2) WHERE id = ?1", original,
                candidate);
        _binding.Rename(session, candidate, original, by);
        _binding.Move(session, original, from, to, by);
        if (HolderRows.OfInstance(session, original) is { } holder && RecoveredHolder.From(holder) is { } recovered)
        {
            Replay(session, recovered);
        }
    }

    /// <summary>An administrator says that a candidate is a copy: an instance of its own.</summary>
    /// <exception cref="HolderRefusedException">It is no candidate.</exception>
    internal static void Copied(LedgerSession session, long candidate)
    {
        CandidateAt(session, candidate);
        session.Execute("UPDATE instances SET candidate_of = NULL WHERE id = ?1", candidate);
    }

    private static void Check(LedgerSession session, HolderClaim claim, Holder? existing)
    {
        if (claim.Epoch is not { } epoch) return;
        if (existing is null)
        {
            throw new HolderRefusedException(
                HolderRefusal.LeaseEnded, $"the claim of {claim.Name} has ended; claim again without an epoch");
        }

        if (epoch != existing.Epoch) throw Stale(claim.Name, existing.Epoch);
        if (claim.State < existing.State)
        {
            throw new HolderRefusedException(
                HolderRefusal.StateOrder, $"{claim.Name} has come further than that; a new claim begins anew");
        }
    }

    private static List<ClaimedRange> RangesOf(LedgerSession session, HolderClaim claim)
    {
        var ranges = new List<ClaimedRange>();
        foreach (HolderRange range in claim.Ranges)
        {
            long device = DeviceRows.NumberOf(session, range.Device);
            ByteRange bytes = range.Range;
            if (bytes.IsEmpty)
            {
                long size = DeviceRows.Find(session, device)?.Size ?? 0;
                if (size <= bytes.Offset) throw Malformed($"{range.Device.Name}: the range has no length");
                bytes = ByteRange.FromTo(bytes.Offset, size);
            }

            var claimed = new ClaimedRange(device, range.Role, bytes);
            if (ranges.Exists(other => other.Device == device && other.Range.Overlaps(bytes)))
            {
                throw Malformed($"{range.Device.Name}: two ranges of the claim overlap");
            }

            if (HolderRows.InTheWay(session, claim.Name, claimed) is { } holder)
            {
                throw new HolderRefusedException(
                    HolderRefusal.HeldBy, $"{range.Device.Name} {bytes} is held by {holder}", holder);
            }

            ranges.Add(claimed);
        }

        return [.. ranges.OrderBy(at => at.Role).ThenBy(at => at.Device).ThenBy(at => at.Range.Offset)];
    }

    /// <summary>
    /// The instance that lies here by its UUIDs and place. Another one on the same bytes is over; one of the same UUID
    /// on another device makes this a candidate.
    /// </summary>
    private long InstanceOf(LedgerSession session, Holder holder, FilesystemIdentity filesystem)
    {
        List<InstanceRows.Instance> here = InstanceRows.On(session, holder.Ranges);
        InstanceRows.Instance? same = here.Find(
            at => at.Filesystem == filesystem && StartsAlike(InstanceRows.RangesOf(session, at.Number), holder.Ranges));
        long number;
        if (same is not null)
        {
            number = same.Number;
            // Grown, or with another log device: still the same.
            if (!InstanceRows.RangesOf(session, number).SequenceEqual(holder.Ranges))
            {
                InstanceRows.PutRanges(session, number, holder.Ranges);
                _binding.LeaveEnd(session, number, $"holder:{holder.Name}");
            }
        }
        else
        {
            // Not one that ends here and now: that is a filesystem made anew with an old UUID.
            InstanceRows.Instance? elsewhere = InstanceRows.OfUuid(session, filesystem);
            if (elsewhere is not null && here.Exists(at => at.Number == elsewhere.Number)) elsewhere = null;
            number = InstanceRows.Add(session, filesystem, holder.Ranges, elsewhere?.CandidateOf ?? elsewhere?.Number);
        }

        foreach (InstanceRows.Instance over in here)
        {
            if (over.Number == number) continue;
            InstanceRows.Replace(session, over.Number, number);
            session.Execute("DELETE FROM instance_ranges WHERE instance = ?1", over.Number);
        }

        foreach (InstanceRows.Instance over in here)
        {
            if (over.Number != number) _binding.Supersede(session, over.Number, $"holder:{holder.Name}");
        }

        _binding.Bind(session, number, $"holder:{holder.Name}");
        return number;
    }

    private static bool StartsAlike(IReadOnlyList<ClaimedRange> known, IReadOnlyList<ClaimedRange> now)
    {
        ClaimedRange? data = known.FirstOrDefault(range => range.Role == DeviceRole.Data);
        ClaimedRange? dataNow = now.FirstOrDefault(range => range.Role == DeviceRole.Data);
        return data is not null && dataNow is not null
            && data.Device == dataNow.Device && data.Range.Offset == dataNow.Range.Offset;
    }

    /// <summary>What had to wait for this instance may go, in the order it came.</summary>
    private static void Replay(LedgerSession session, RecoveredHolder holder) => session.Execute(
        "UPDATE notices INDEXED BY notices_waiting SET state = 1, replayed = 1 WHERE instance = ?1 AND state = 0",
        holder.Instance);

    private static void Drop(LedgerSession session, Holder holder)
    {
        HolderRows.Remove(session, holder.Name);
        PlaceRows.Remove(session, holder.Name);
        ReleaseUnclaimed(session, holder.Ranges);
    }

    /// <summary>
    /// What waited for a superblock that nobody will read now waits for nobody; nor does what reaches over a claim's
    /// end since that became shorter: no instance could have all of it. Each hears of its part when it comes to it.
    /// </summary>
    private static void ReleaseUnclaimed(LedgerSession session, IEnumerable<ClaimedRange> ranges)
    {
        foreach (long device in ranges.Select(range => range.Device).Distinct())
        {
            session.Execute(
                """
                UPDATE notices SET state = 1, replayed = 1
                WHERE state = 0 AND instance IS NULL AND device = ?1 AND NOT EXISTS (
                    SELECT 1 FROM claim_ranges r WHERE r.device = ?1
                        AND r.offset <= notices.offset AND r.offset + r.length >= notices.offset + notices.length)
                """,
                device);
        }
    }

    private static InstanceRows.Instance CandidateAt(LedgerSession session, long number) =>
        InstanceRows.Find(session, number) is { CandidateOf: not null } candidate ? candidate : throw Unknown(number);

    private static HolderRefusedException Unknown(long number) =>
        new(HolderRefusal.UnknownInstance, $"instance {number} is not there, or is no candidate");

    private static HolderRefusedException Malformed(string message) => new(HolderRefusal.Malformed, message);

    private static HolderRefusedException Stale(string name, long epoch) =>
        new(HolderRefusal.StaleEpoch, $"{name} was claimed anew: its epoch is {epoch}");
}
