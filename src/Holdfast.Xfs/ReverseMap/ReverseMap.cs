// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>What owns some ranges, and what is not known about them.</summary>
/// <param name="Extents">Every record that touches the ranges, in device order; not clipped.</param>
/// <param name="IsComplete">False where a structure that was needed could not be read: see the volume's faults.</param>
/// <param name="FreeGroups">Groups where what has no record is free for certain (an rmapbt says so).</param>
public sealed record OwnershipAnswer(
    IReadOnlyList<OwnedExtent> Extents, bool IsComplete, IReadOnlySet<uint> FreeGroups);

/// <summary>
/// Who owns which bytes of the data device: from the rmapbt of each group, or built by a scan where there is none, one
/// cannot be read, or the caller forces it.
/// </summary>
public sealed class ReverseMap(XfsVolume volume, bool useRmapbt = true)
{
    /// <summary>Reads from the rmapbt where it can; false where the map is built.</summary>
    public bool UsesRmapbt { get; } = useRmapbt && volume.Features.ReverseMapBtree;

    /// <param name="ranges">Bytes of the data device, within the filesystem.</param>
    public OwnershipAnswer OwnersOf(
        ByteRangeSet ranges, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var found = new List<OwnedExtent>();
        var readGroups = new HashSet<uint>();
        var failed = new List<ByteRange>();
        foreach (uint ag in GroupsOf(ranges))
        {
            cancellationToken.ThrowIfCancellationRequested();
            int before = found.Count;
            if (UsesRmapbt && RmapbtReader.TryQuery(volume, volume.Group(ag), ranges, found))
            {
                readGroups.Add(ag);
                continue;
            }

            found.RemoveRange(before, found.Count - before);
            failed.AddRange(ranges.Within(RangeOf(ag)));
        }

        bool complete = true;
        if (failed.Count > 0)
        {
            ReverseMapIndex built = ReverseMapBuilder.Build(volume, ByteRangeSet.From(failed), progress,
                cancellationToken);
            complete = built.IsComplete;
            for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
            {
                if (readGroups.Contains(ag)) continue;
                foreach (RmapRecord record in built.Records(ag)) found.Add(new(ag, record));
            }

            found.Sort();
        }

        return new(found, complete, readGroups);
    }

    /// <summary>Every row of the data device and of an external log, in the order of FS_IOC_GETFSMAP.</summary>
    /// <returns>False where something could not be read: see the volume's faults.</returns>
    public bool ForEachRow(
        Action<MapRow> each, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        bool complete = true;
        ReverseMapIndex? built = null;
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AllocationGroup group = volume.Group(ag);
            var shared = new List<ByteRange>();
            complete &= SharedSpace.TryRead(volume, group, null, shared, null);
            var rows = new GroupRows(volume, group, ByteRangeSet.From(shared), each);
            List<RmapRecord>? buffered = UsesRmapbt ? [] : null;
            if (buffered is not null && RmapbtReader.TryReadAll(volume, group, buffered.Add))
            {
                foreach (RmapRecord record in buffered) rows.Add(in record);
                rows.Finish();
                continue;
            }

            built ??= ReverseMapBuilder.Build(volume, null, progress, cancellationToken);
            complete &= built.IsComplete;
            rows.UseFreeSpace(FreeSpace.Read(volume, group, null));
            foreach (RmapRecord record in built.Records(ag)) rows.Add(in record);
            rows.Finish();
        }

        if (volume.Geometry.LogStart is null)
        {
            each(MapRow.Special(DeviceRole.Log, 0, (long)volume.Geometry.LogBlocks << volume.Geometry.BlockLog,
                OwnerKind.Log));
        }

        return complete;
    }

    private ByteRange RangeOf(uint ag) =>
        new(volume.Geometry.ByteOf(ag, new(0)), (long)volume.Geometry.BlocksIn(ag) << volume.Geometry.BlockLog);

    private IEnumerable<uint> GroupsOf(ByteRangeSet ranges)
    {
        long agBytes = (long)volume.Geometry.AgBlocks << volume.Geometry.BlockLog;
        long next = 0;
        foreach (ByteRange range in ranges)
        {
            long last = (range.End - 1) / agBytes;
            for (long ag = Math.Max(next, range.Offset / agBytes); ag <= last && ag < volume.Geometry.AgCount; ag++)
            {
                yield return (uint)ag;
                next = ag + 1;
            }
        }
    }
}
