// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>Bytes of a device that have one claim, or none, and one filesystem instance, or none.</summary>
/// <param name="Range">Of the device that was asked about.</param>
/// <param name="Device">Whose claim or instance it is: a device above it, where only that is claimed.</param>
/// <param name="Place">The same bytes, of that device.</param>
/// <param name="IsClaimed">Whether a holder answers for them.</param>
/// <param name="IsReady">Whether somebody could say what they are, or there is nobody to wait for (C3).</param>
internal readonly record struct Terrain(
    ByteRange Range, long Device, ByteRange Place, long? Instance, bool IsClaimed, bool IsReady)
{
    internal bool IsNobodys => !IsClaimed && Instance is null;

    /// <summary>How far the bytes of its device are from those that were asked about.</summary>
    internal long Shift => Place.Offset - Range.Offset;

    /// <summary>Some bytes of it.</summary>
    internal Terrain Part(ByteRange part) =>
        this with { Range = part, Place = new(part.Offset + Shift, part.Length) };
}

/// <summary>
/// Who answers for which bytes of one device, as it stands in the ledger. Bytes that nobody holds on the device itself
/// are those of whoever holds them on a device above it.
/// </summary>
internal sealed class Territory
{
    private const string ClaimsOf = """
        SELECT r.offset, r.length, c.state, c.instance FROM claim_ranges r JOIN claims c ON c.name = r.name
        WHERE r.device = ?1 ORDER BY r.offset
        """;

    private const string InstancesOf = """
        SELECT r.offset, r.length, r.instance FROM instance_ranges r JOIN instances i ON i.id = r.instance
        WHERE r.device = ?1 AND i.replaced_by IS NULL ORDER BY r.offset
        """;

    private readonly LedgerSession _session;
    private readonly long _device;
    private readonly List<(ByteRange Range, HolderState State)> _claims;
    private readonly List<(ByteRange Range, long Instance)> _instances;
    private readonly Dictionary<long, Territory> _above = [];

    private Territory(
        LedgerSession session, long device, List<(ByteRange Range, HolderState State)> claims,
        List<(ByteRange Range, long Instance)> instances)
    {
        _session = session;
        _device = device;
        _claims = claims;
        _instances = instances;
        IsUnderOthers = session.Flag("SELECT EXISTS (SELECT 1 FROM places WHERE below = ?1)", device);
    }

    /// <summary>Whether anybody answers for any of it.</summary>
    internal bool IsHeld => _claims.Count > 0 || _instances.Count > 0 || IsUnderOthers;

    private bool IsUnderOthers { get; }

    internal static Territory Of(LedgerSession session, long device)
    {
        List<(ByteRange, HolderState)> claims = session.Rows(
            ClaimsOf, row => (new ByteRange(row.GetInt64(0), row.GetInt64(1)), (HolderState)row.GetInt64(2)), device);
        List<(ByteRange, long)> instances = session.Rows(
            InstancesOf, row => (new ByteRange(row.GetInt64(0), row.GetInt64(1)), row.GetInt64(2)), device);
        return new(session, device, claims, instances);
    }

    /// <summary>The range, cut wherever its claim or its instance changes; in order, without gaps.</summary>
    internal IEnumerable<Terrain> Cut(ByteRange range)
    {
        foreach (Terrain own in CutOwn(range))
        {
            if (own.IsNobodys && IsUnderOthers)
            {
                foreach (Terrain part in Speaking(own)) yield return part;
            }
            else
            {
                yield return own;
            }
        }
    }

    /// <summary>
    /// Whoever else has bytes of the range, on devices above it: they are told beside who speaks for them.
    /// </summary>
    internal IEnumerable<Terrain> Others(ByteRange range)
    {
        if (!IsUnderOthers) yield break;
        foreach (Terrain own in CutOwn(range))
        {
            List<Terrain> speaking = own.IsNobodys ? [.. Speaking(own)] : [];
            foreach (Terrain above in Above(own.Range))
            {
                var spoken = ByteRangeSet.From(speaking
                    .Where(at => at.Device == above.Device && at.Shift == above.Shift).Select(at => at.Range));
                foreach (ByteRange part in spoken.Gaps(above.Range)) yield return above.Part(part);
            }
        }
    }

    /// <summary>Bytes that nobody holds here, cut by who holds them above; of several one speaks for a byte.</summary>
    private IEnumerable<Terrain> Speaking(Terrain own)
    {
        long at = own.Range.Offset;
        foreach (Terrain above in Above(own.Range))
        {
            if (above.Range.End <= at) continue;
            if (above.Range.Offset > at) yield return own.Part(ByteRange.FromTo(at, above.Range.Offset));
            yield return above.Part(ByteRange.FromTo(Math.Max(at, above.Range.Offset), above.Range.End));
            at = above.Range.End;
        }

        if (at < own.Range.End) yield return own.Part(ByteRange.FromTo(at, own.Range.End));
    }

    /// <summary>The range only cut where the instance changes.</summary>
    internal IEnumerable<(ByteRange Range, long? Instance)> CutByInstance(ByteRange range)
    {
        (ByteRange Range, long? Instance)? last = null;
        foreach (Terrain at in Cut(range))
        {
            if (last is { } before && before.Instance == at.Instance)
            {
                last = (ByteRange.FromTo(before.Range.Offset, at.Range.End), at.Instance);
                continue;
            }

            if (last is { } whole) yield return whole;
            last = (at.Range, at.Instance);
        }

        if (last is { } end) yield return end;
    }

    /// <summary>What somebody holds of the range on devices above, by its bytes here.</summary>
    private IEnumerable<Terrain> Above(ByteRange range)
    {
        var found = new List<Terrain>();
        foreach (LedgerPlace place in PlaceRows.Above(_session, _device, range))
        {
            if (!_above.TryGetValue(place.Above, out Territory? above))
            {
                _above[place.Above] = above = Of(_session, place.Above);
            }

            long down = place.BelowRange.Offset - place.AboveRange.Offset;
            found.AddRange(above.CutOwn(place.AboveRange).Where(at => !at.IsNobodys).Select(at => at with
            {
                Range = new(at.Place.Offset + down, at.Place.Length),
            }));
        }

        return found.OrderBy(at => at.Range.Offset);
    }

    private IEnumerable<Terrain> CutOwn(ByteRange range)
    {
        for (long at = range.Offset; at < range.End;)
        {
            long end = range.End;
            int claim = Find(_claims, at, ref end);
            int instance = Find(_instances, at, ref end);
            long? owner = instance < 0 ? null : _instances[instance].Instance;
            bool isClaimed = claim >= 0;
            bool isReady = isClaimed
                ? _claims[claim].State is HolderState.LogRecovered or HolderState.Live
                : owner is null;
            var part = ByteRange.FromTo(at, end);
            yield return new(part, _device, part, owner, isClaimed, isReady);
            at = end;
        }
    }

    /// <summary>The entry that holds a byte, or -1; the end moves to where that changes.</summary>
    private static int Find<T>(List<(ByteRange Range, T What)> sorted, long at, ref long end)
    {
        for (int i = 0; i < sorted.Count; i++)
        {
            ByteRange range = sorted[i].Range;
            if (range.End <= at) continue;
            if (range.Offset > at)
            {
                end = Math.Min(end, range.Offset);
                return -1;
            }

            end = Math.Min(end, range.End);
            return i;
        }

        return -1;
    }
}
