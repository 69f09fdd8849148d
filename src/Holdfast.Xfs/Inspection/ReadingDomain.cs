// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>
/// What of a filesystem is worth the last reads of a dying disk, in bytes of the data device. Places that could not be
/// read but were needed to know more (the volume's faults) belong to every answer: with them rescued, the next answer
/// reaches further.
/// </summary>
public sealed class ReadingDomain(XfsVolume volume, bool useRmapbt = true)
{
    /// <summary>False where something could not be read: the domain may grow once it is.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Everything but the content of regular files: structures, directories, symlinks, attributes, block maps.</summary>
    public ByteRangeSet Metadata(IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        HashSet<ulong> inodes = InodesThatAreNoFiles(progress, cancellationToken);
        return OfRows(row => IsMetadata(row, inodes), progress, cancellationToken);
    }

    /// <summary>Everything that somebody owns.</summary>
    public ByteRangeSet Allocated(IProgress<double>? progress = null, CancellationToken cancellationToken = default) =>
        OfRows(row => row.Owner is not OwnerKind.Free, progress, cancellationToken);

    /// <summary>All that belongs to the files with a path that is wanted.</summary>
    public ByteRangeSet OfFiles(
        Predicate<PathName> isWanted, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        PathAnswer paths = new PathFinder(volume).FindAll(cancellationToken);
        IsComplete &= paths.IsComplete;
        HashSet<ulong> inodes = [.. paths.Inodes.Where(i => paths.Of(i).Any(p => isWanted(p)))];
        return OfRows(row => row.Owner == OwnerKind.Inode && inodes.Contains(row.Inode), progress, cancellationToken);
    }

    /// <summary>The places that could not be read so far.</summary>
    public ByteRangeSet Unread()
    {
        var ranges = new List<ByteRange>();
        var filesystem = new ByteRange(0, volume.Geometry.DataLength);
        foreach (Fault fault in volume.Faults.ToList())
        {
            // That the device is too short is no place to read.
            if (fault.Device != DeviceRole.Data || fault.Structure == "device") continue;
            ranges.Add(new ByteRange(fault.Offset, Math.Max(fault.Length, 1)).Intersect(filesystem));
        }

        return ByteRangeSet.From(ranges).WidenedTo(volume.Geometry.SectorSize);
    }

    private static bool IsMetadata(MapRow row, HashSet<ulong> inodes) => row.Owner switch
    {
        OwnerKind.Free or OwnerKind.Unknown or OwnerKind.CowStaging => false,
        OwnerKind.Inode => row.BlockMap || row.Fork == ForkKind.Attribute || inodes.Contains(row.Inode),
        _ => true,
    };

    private ByteRangeSet OfRows(
        Predicate<MapRow> isWanted, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var ranges = new List<ByteRange>();
        var map = new ReverseMap.ReverseMap(volume, useRmapbt);
        IsComplete &= map.ForEachRow(
            row =>
            {
                if (row.Device == DeviceRole.Data && isWanted(row)) ranges.Add(new(row.Physical, row.Length));
            },
            progress,
            cancellationToken);
        IsComplete &= !volume.Faults.HasOpenFaults;
        return ByteRangeSet.From(ranges);
    }

    private HashSet<ulong> InodesThatAreNoFiles(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<List<ulong>> found = InodeScan.Run<List<ulong>>(
            volume,
            () => [],
            (in Inode inode, List<ulong> list) =>
            {
                if (inode.Type != FileType.Regular || inode.IsMetadata) list.Add(inode.Number.Value);
            },
            out bool complete,
            progress,
            cancellationToken);
        IsComplete &= complete;
        return [.. found.SelectMany(l => l)];
    }
}
