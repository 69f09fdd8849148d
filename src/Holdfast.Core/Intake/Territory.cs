// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>Bytes of a device that have one claim, or none, and one filesystem instance, or none.</summary>
/// <param name="IsClaimed">Whether a holder answers for them.</param>
/// <param name="IsReady">Whether somebody could say what they are, or there is nobody to wait for (C3).</param>
internal readonly record struct Terrain(ByteRange Range, long? Instance, bool IsClaimed, bool IsReady);

/// <summary>Who answers for which bytes of one device, as it stands in the ledger.</summary>
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

    private readonly List<(ByteRange Range, HolderState State)> _claims;
    private readonly List<(ByteRange Range, long Instance)> _instances;

    private Territory(List<(ByteRange Range, HolderState State)> claims, List<(
        ByteRange Range, long Instance)> instances)
    {
        _claims = claims;
        _instances = instances;
    }

    /// <summary>Whether anybody answers for any of it.</summary>
    internal bool IsHeld => _claims.Count > 0 || _instances.Count > 0;

    internal static Territory Of(LedgerSession session, long device)
    {
        List<(ByteRange, HolderState)> claims = session.Rows(
            ClaimsOf, row => (new ByteRange(row.GetInt64(0), row.GetInt64(1)), (HolderState)row.GetInt64(2)), device);
        List<(ByteRange, long)> instances = session.Rows(
            InstancesOf, row => (new ByteRange(row.GetInt64(0), row.GetInt64(1)), row.GetInt64(2)), device);
        return new(claims, instances);
    }

    /// <summary>The range, cut wherever its claim or its instance changes; in order, without gaps.</summary>
    internal IEnumerable<Terrain> Cut(ByteRange range)
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
            yield return new(ByteRange.FromTo(at, end), owner, isClaimed, isReady);
            at = end;
        }
    }

    /// <summary>The range only cut where the instance changes.</summary>
    internal IEnumerable<(ByteRange Range, long? Instance)> CutByInstance(ByteRange range)
    {
        for (long at = range.Offset; at < range.End;)
        {
            long end = range.End;
            int instance = Find(_instances, at, ref end);
            yield return (ByteRange.FromTo(at, end), instance < 0 ? null : _instances[instance].Instance);
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
