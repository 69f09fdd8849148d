// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>Claims in the ledger.</summary>
internal static class HolderRows
{
    private const string Columns = """
        SELECT c.name, c.epoch, c.state, c.instance, c.decisions, c.lease_us, c.lease_ends,
            i.type, i.uuid, i.metadata_uuid, i.candidate_of
        FROM claims c LEFT JOIN instances i ON i.id = c.instance
        """;

    // Two bits a state: nothing said, defer, handle.
    private const int DecisionBits = 2;

    internal static Holder? Find(LedgerSession session, string name) => WithRanges(
        session, session.Row($"{Columns} WHERE c.name = ?1", Of, name));

    internal static Holder? OfInstance(LedgerSession session, long instance) => WithRanges(
        session, session.Row($"{Columns} WHERE c.instance = ?1", Of, instance));

    internal static List<Holder> All(LedgerSession session) =>
        session.Rows($"{Columns} ORDER BY c.name", Of).ConvertAll(holder => WithRanges(session, holder)!);

    /// <summary>Claims whose lease is over.</summary>
    internal static List<string> Ended(LedgerSession session, long now) =>
        session.Rows("SELECT name FROM claims WHERE lease_ends <= ?1 ORDER BY name", row => row.GetString(0), now);

    /// <summary>Another claim that has some of these bytes.</summary>
    internal static string? InTheWay(LedgerSession session, string name, ClaimedRange range) => session.Scalar<string>(
        """
        SELECT name FROM claim_ranges
        WHERE device = ?1 AND offset < ?3 AND offset + length > ?2 AND name <> ?4 ORDER BY offset LIMIT 1
        """,
        range.Device, range.Range.Offset, range.Range.End, name);

    internal static void Put(LedgerSession session, Holder holder)
    {
        session.Execute(
            """
            INSERT INTO claims (name, epoch, state, instance, decisions, lease_us, lease_ends)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (name) DO UPDATE SET epoch = ?2, state = ?3, instance = ?4, decisions = ?5, lease_us = ?6,
                lease_ends = ?7
            """,
            holder.Name, holder.Epoch, (long)holder.State, holder.Instance, Pack(holder.Decisions),
            holder.Lease.Ticks / 10, LedgerSession.Microseconds(holder.LeaseEnds));
        session.Execute("DELETE FROM claim_ranges WHERE name = ?1", holder.Name);
        foreach (ClaimedRange range in holder.Ranges)
        {
            session.Execute(
                "INSERT INTO claim_ranges (name, device, role, offset, length) VALUES (?1, ?2, ?3, ?4, ?5)",
                holder.Name, range.Device, (long)range.Role, range.Range.Offset, range.Range.Length);
        }
    }

    internal static void Remove(LedgerSession session, string name)
    {
        session.Execute("DELETE FROM claims WHERE name = ?1", name);
        session.Execute("DELETE FROM claim_ranges WHERE name = ?1", name);
    }

    /// <summary>The next epoch of a name; they never come again, also not after the claim is gone.</summary>
    internal static long NextEpoch(LedgerSession session, string name) => session.Scalar<long>(
        "INSERT INTO epochs (name, epoch) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1"
        + " RETURNING epoch",
        name);

    private static Holder? WithRanges(LedgerSession session, Holder? holder) => holder is null
        ? null
        : holder with
        {
            Ranges = session.Rows(
                "SELECT device, role, offset, length FROM claim_ranges WHERE name = ?1 ORDER BY role, device, offset",
                row => new ClaimedRange(
                    row.GetInt64(0), (DeviceRole)row.GetInt64(1), new(row.GetInt64(2), row.GetInt64(3))),
                holder.Name),
        };

    private static Holder Of(LedgerRow row) => new()
    {
        Name = row.GetString(0),
        Epoch = row.GetInt64(1),
        State = (HolderState)row.GetInt64(2),
        Instance = row.Int64At(3),
        Decisions = Unpack(row.GetInt64(4)),
        Lease = TimeSpan.FromTicks(row.GetInt64(5) * 10),
        LeaseEnds = LedgerSession.TimeOf(row.GetInt64(6)),
        Filesystem = row.IsNull(7)
            ? null
            : new(row.GetString(7), row.GetString(8), row.StringAt(9)),
        CandidateOf = row.Int64At(10),
        Ranges = [],
    };

    private static long Pack(IReadOnlyDictionary<HolderState, HolderDecision> decisions)
    {
        long bits = 0;
        foreach ((HolderState state, HolderDecision decision) in decisions)
        {
            bits |= ((long)decision + 1) << (DecisionBits * (int)state);
        }

        return bits;
    }

    private static Dictionary<HolderState, HolderDecision> Unpack(long bits)
    {
        var decisions = new Dictionary<HolderState, HolderDecision>();
        for (var state = HolderState.Claimed; state <= HolderState.Gone; state++)
        {
            long said = (bits >> (DecisionBits * (int)state)) & 3;
            if (said != 0) decisions[state] = (HolderDecision)(said - 1);
        }

        return decisions;
    }
}
