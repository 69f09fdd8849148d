// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>Bytes of one device that lie in a device below it.</summary>
/// <param name="Above">A device of the ledger, <paramref name="AboveRange"/> bytes of it.</param>
/// <param name="Below">A device of the ledger, <paramref name="BelowRange"/> bytes of it; as many.</param>
internal readonly record struct LedgerPlace(long Above, ByteRange AboveRange, long Below, ByteRange BelowRange)
{
    /// <summary>The part that lies in some bytes of the device above; empty ranges where there is none.</summary>
    internal LedgerPlace WithinAbove(ByteRange above)
    {
        ByteRange part = AboveRange.Intersect(above);
        return Part(part.Offset - AboveRange.Offset, part.Length);
    }

    /// <summary>The part that lies in some bytes of the device below; empty ranges where there is none.</summary>
    internal LedgerPlace WithinBelow(ByteRange below)
    {
        ByteRange part = BelowRange.Intersect(below);
        return Part(part.Offset - BelowRange.Offset, part.Length);
    }

    private LedgerPlace Part(long skipped, long length) => length == 0
        ? this with { AboveRange = default, BelowRange = default }
        : this with
        {
            AboveRange = new(AboveRange.Offset + skipped, length),
            BelowRange = new(BelowRange.Offset + skipped, length),
        };
}

/// <summary>
/// Where claimed devices lie on others (C8). A place is as old as its claim's last word, and ends with the claim: the
/// next one says anew where its bytes are, for a file that nobody uses may be moved.
/// </summary>
internal static class PlaceRows
{
    private const string Columns = "above, above_offset, below, below_offset, length";

    /// <summary>Puts a claim's places in the place of those that it had.</summary>
    /// <returns>Whether they are others than before.</returns>
    internal static bool Put(LedgerSession session, string claim, IReadOnlyList<DevicePlace> places)
    {
        var numbers = new Dictionary<string, long>();
        List<LedgerPlace> now = [.. places.Select(at => PlaceOf(session, at, numbers))
            .OrderBy(at => at.Above).ThenBy(at => at.AboveRange)];
        for (int i = 1; i < now.Count; i++)
        {
            if (now[i].Above == now[i - 1].Above && now[i].AboveRange.Overlaps(now[i - 1].AboveRange))
            {
                throw new HolderRefusedException(HolderRefusal.Malformed, "bytes of a claim lie in two places");
            }
        }

        List<LedgerPlace> before = session.Rows(
            $"SELECT {Columns} FROM places WHERE claim = ?1 ORDER BY above, above_offset", Of, claim);
        if (before.SequenceEqual(now)) return false;
        Remove(session, claim);
        foreach (LedgerPlace at in now)
        {
            session.Execute(
                $"INSERT INTO places (claim, {Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                claim, at.Above, at.AboveRange.Offset, at.Below, at.BelowRange.Offset, at.BelowRange.Length);
        }

        return true;
    }

    internal static void Remove(LedgerSession session, string claim) =>
        session.Execute("DELETE FROM places WHERE claim = ?1", claim);

    /// <summary>Where bytes of a device lie on devices below it, in its order.</summary>
    internal static List<LedgerPlace> Below(LedgerSession session, long above, ByteRange range)
    {
        if (!session.Flag("SELECT EXISTS (SELECT 1 FROM places WHERE above = ?1)", above)) return [];
        List<LedgerPlace> places = session.Rows(
            $"""
            SELECT {Columns} FROM places WHERE above = ?1 AND above_offset < ?3
                AND above_offset > ?2 - (SELECT max(length) FROM places WHERE above = ?1)
            ORDER BY above_offset
            """,
            Of, above, range.Offset, range.End);
        return [.. places.Select(at => at.WithinAbove(range)).Where(at => !at.AboveRange.IsEmpty)];
    }

    /// <summary>What bytes of a device are on devices above it, by device and its order.</summary>
    internal static List<LedgerPlace> Above(LedgerSession session, long below, ByteRange range)
    {
        if (!session.Flag("SELECT EXISTS (SELECT 1 FROM places WHERE below = ?1)", below)) return [];
        List<LedgerPlace> places = session.Rows(
            $"""
            SELECT {Columns} FROM places WHERE below = ?1 AND below_offset < ?3
                AND below_offset > ?2 - (SELECT max(length) FROM places WHERE below = ?1)
            ORDER BY above, above_offset
            """,
            Of, below, range.Offset, range.End);
        return [.. places.Select(at => at.WithinBelow(range)).Where(at => !at.BelowRange.IsEmpty)];
    }

    /// <summary>Whether any byte of an instance lies on a device below its own.</summary>
    internal static bool HasAny(LedgerSession session, long instance) => session.Flag(
        """
        SELECT EXISTS (SELECT 1 FROM instance_ranges r JOIN places p ON p.above = r.device WHERE r.instance = ?1)
        """,
        instance);

    private static LedgerPlace PlaceOf(LedgerSession session, DevicePlace place, Dictionary<string, long> numbers)
    {
        long length = place.Range.Length;
        return new(
            Number(place.Above), place.Range, Number(place.Below), new(place.BelowOffset, length));

        long Number(Records.DeviceIdentity device) => numbers.TryGetValue(device.Identity, out long known)
            ? known
            : numbers[device.Identity] = DeviceRows.NumberOf(session, device);
    }

    private static LedgerPlace Of(LedgerRow row) => new(
        row.GetInt64(0), new(row.GetInt64(1), row.GetInt64(4)), row.GetInt64(2), new(row.GetInt64(3), row.GetInt64(4)));
}
