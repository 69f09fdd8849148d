// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// Turns one group's records, in order, into rows without gaps. What no record covers is free where an rmapbt answers;
/// where the map was built it is free if the bnobt says so, and unknown if not.
/// </summary>
internal sealed class GroupRows(XfsVolume volume, AllocationGroup group, ByteRangeSet shared, Action<MapRow> each)
{
    private readonly long _end = volume.Geometry.ByteOf(group.Number, new(0))
        + ((long)group.Blocks << volume.Geometry.BlockLog);
    private long _next = volume.Geometry.ByteOf(group.Number, new(0));
    private ByteRangeSet? _free;
    private bool _gapsAreFree = true;

    /// <summary>The gaps are to be looked up; null where the free space is not known either.</summary>
    public void UseFreeSpace(List<ByteRange>? free)
    {
        _gapsAreFree = false;
        _free = free is null ? ByteRangeSet.Empty : ByteRangeSet.From(free);
    }

    public void Add(in RmapRecord record)
    {
        bool mayBeShared = record is { IsInode: true, IsUnwritten: false, IsAttributeFork: false, IsBlockMap: false };
        long start = volume.Geometry.ByteOf(group.Number, record.Start);
        long length = (long)record.Length << volume.Geometry.BlockLog;
        Gap(start);
        each(RmapRow.Of(volume.Geometry, group.Number, in record, mayBeShared && shared.Overlaps(start, length)));
        _next = Math.Max(_next, start + length);
    }

    public void Finish() => Gap(_end);

    private void Gap(long until)
    {
        if (until <= _next) return;
        var gap = ByteRange.FromTo(_next, until);
        _next = until;
        if (_gapsAreFree)
        {
            each(MapRow.Special(DeviceRole.Data, gap.Offset, gap.Length, OwnerKind.Free));
            return;
        }

        long at = gap.Offset;
        foreach (ByteRange part in _free!.Within(gap))
        {
            if (part.Offset > at) each(MapRow.Special(DeviceRole.Data, at, part.Offset - at, OwnerKind.Unknown));
            each(MapRow.Special(DeviceRole.Data, part.Offset, part.Length, OwnerKind.Free));
            at = part.End;
        }

        if (at < gap.End) each(MapRow.Special(DeviceRole.Data, at, gap.End - at, OwnerKind.Unknown));
    }
}
