// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// Takes mappings out of a range of a fork, from its end backwards, and puts off what has to happen to their blocks.
/// </summary>
internal readonly ref struct ForkUnmapping
{
    private readonly FinishContext _context;
    private readonly ForkMap _map;
    private readonly bool _isRealtime;
    private readonly bool _isRemap;

    /// <param name="isRemap">The blocks stay somebody's: they leave this fork's reverse map and are not freed.</param>
    public ForkUnmapping(FinishContext context, ForkMap map, bool isRemap)
    {
        _context = context;
        _map = map;
        _isRealtime = map.Fork == ForkKind.Data && map.Inode.IsRealtime;
        _isRemap = isRemap;
    }

    /// <param name="extentsMax">0: no limit.</param>
    /// <returns>Blocks at the beginning of the range that are left to do.</returns>
    public ulong Run(ulong start, ulong length, int extentsMax)
    {
        // The ends of ranges are at most 2^54.
        ulong end = start + Math.Min(length, ForkWalk.OffsetEnd - Math.Min(start, ForkWalk.OffsetEnd));
        bool wasStuck = false;
        for (int taken = 0; end > start && (extentsMax == 0 || taken < extentsMax);)
        {
            if (_map.Before(end) is not { } got) return 0;
            end = Math.Min(end, got.OffsetEnd);
            if (end <= start) return 0;
            ulong first = Math.Max(got.Offset.Value, start);
            ForkExtent gone = got.From(first).Until(end);
            ulong done = _isRealtime && !_isRemap ? TakeRealtime(got, gone, start) : Take(got, gone);
            bool isStuck = done >= end;
            if (isStuck && wasStuck) _map.Inode.Fail(BlockFault.Bad("br_startoff", $"block {end - 1} stays mapped"));
            wasStuck = isStuck;
            end = done;
            if (end <= start) return 0;
            if (_map.Before(end) is null) return 0;
            taken++;
        }

        return end - start;
    }

    /// <returns>Where the range ends now.</returns>
    private ulong Take(in ForkExtent got, in ForkExtent gone)
    {
        bool fromStart = got.Offset == gone.Offset;
        bool toEnd = got.OffsetEnd == gone.OffsetEnd;
        if (fromStart && toEnd) _map.Delete(got);
        else if (fromStart) _map.Replace(got, got.From(gone.OffsetEnd));
        else if (toEnd) _map.Replace(got, got.Until(gone.Offset.Value));
        else _map.SplitAddingTail(got, got.Until(gone.Offset.Value), got.From(gone.OffsetEnd));
        InodeEditor inode = _map.Inode;
        if (_isRealtime) TellRealtime(gone);
        else TellGroups(gone);
        inode.Blocks -= gone.Length;
        return gone.Offset.Value;
    }

    private void TellGroups(in ForkExtent gone)
    {
        InodeEditor inode = _map.Inode;
        _context.Groups.DeferUnmap(inode, _map.Fork, gone);
        if (_isRemap) return;
        if (inode.IsReflinked && _map.Fork == ForkKind.Data) _context.Groups.DeferDecrease(gone.Start, gone.Length);
        else _context.Groups.DeferFree(gone.Start, gone.Length, null);
    }

    private void TellRealtime(in ForkExtent gone)
    {
        IRealtimeMappings? realtime = _context.Forks.Realtime;
        realtime?.DeferUnmap(_map.Inode, gone);
        if (_isRemap) return;
        if (_map.Inode.IsReflinked) realtime?.DeferDecrease(_map.Inode, gone);
        else realtime?.Free(_map.Inode, gone);
    }

    /// <summary>
    /// Only whole units of allocation can be given back. What is left of others becomes unwritten; once a unit is
    /// unwritten in one piece that piece can go.
    /// </summary>
    private ulong TakeRealtime(in ForkExtent got, ForkExtent gone, ulong start)
    {
        uint unit = Math.Max(1, _context.Geometry.RealtimeExtentSize);
        uint behind = OffsetInUnit(gone.StartEnd, unit);
        if (behind != 0)
        {
            ForkExtent tail = gone.From(gone.OffsetEnd - Math.Min(behind, gone.Length));
            if (!gone.IsUnwritten) Unwrite(tail);
            return tail.Offset.Value;
        }

        uint before = OffsetInUnit(gone.Start.Value, unit);
        if (before == 0) return Take(got, gone);
        uint lead = unit - before;
        if (gone.Length > lead) return Take(got, gone.From(gone.Offset.Value + lead));
        if (gone.Offset.Value == start) return start;
        if (!gone.IsUnwritten)
        {
            Unwrite(gone);
        }
        else if (_map.Before(gone.Offset.Value) is { } previous && ForkMapping.GoesOn(previous, Written(gone)))
        {
            ulong unwriteFrom = Math.Max(start, previous.Offset.Value);
            if (gone.Offset.Value - unwriteFrom > before) unwriteFrom = gone.Offset.Value - before;
            Unwrite(previous.From(unwriteFrom));
        }

        return gone.OffsetEnd;
    }

    private static ForkExtent Written(in ForkExtent extent) => extent with { IsUnwritten = false };

    private void Unwrite(in ForkExtent part)
    {
        ForkExtent unwritten = part with { IsUnwritten = true };
        ForkConversion.Convert(_map, unwritten);
        _context.Forks.Realtime?.DeferConvert(_map.Inode, unwritten);
    }

    private uint OffsetInUnit(ulong block, uint unit) =>
        (uint)((_context.Forks.Realtime?.BlockInGroup(block) ?? block) % unit);
}
