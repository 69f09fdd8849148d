// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// Builds the reverse map where there is none to read: every inode's forks, their block maps, and every group's own
/// structures. With a window only records that touch it are kept, so that one bad sector on a disk of a billion
/// extents costs no memory.
/// </summary>
internal static class ReverseMapBuilder
{
    /// <param name="window">Bytes of the device to answer for; null for all.</param>
    public static ReverseMapIndex Build(
        XfsVolume volume, ByteRangeSet? window, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var groups = new List<RmapRecord>[volume.Geometry.AgCount];
        for (int ag = 0; ag < groups.Length; ag++) groups[ag] = [];
        IReadOnlyCollection<ExtentSink> sinks = InodeScan.Run(
            volume, () => new ExtentSink(volume, window), CollectInode, out bool complete, progress, cancellationToken);
        foreach (ExtentSink sink in sinks)
        {
            complete &= !sink.IsLost;
            foreach (OwnedExtent extent in sink.Found) groups[extent.Ag].Add(extent.Record);
        }

        for (uint ag = 0; ag < groups.Length; ag++)
        {
            var structures = new GroupStructures(volume, volume.Group(ag));
            complete &= structures.Collect(record => Keep(volume, window, ag, record, groups[ag]));
        }

        return new ReverseMapIndex(groups, complete);
    }

    private static void CollectInode(in Inode inode, ExtentSink sink)
    {
        // A realtime file's content lies on another device, its block map on this one.
        if (!inode.IsRealtime) sink.Run(in inode, ForkKind.Data);
        else if (inode.DataFormat == ForkFormat.Btree) sink.Run(in inode, ForkKind.Data, mapOnly: true);
        sink.Run(in inode, ForkKind.Attribute);
    }

    private static void Keep(XfsVolume volume, ByteRangeSet? window, uint ag, RmapRecord record, List<RmapRecord> into)
    {
        if (window is null
            || window.Overlaps(volume.Geometry.ByteOf(ag, record.Start),
                (long)record.Length << volume.Geometry.BlockLog))
        {
            into.Add(record);
        }
    }

    /// <summary>One worker's extents. Those that continue each other in the file and on disk become one
    /// record.</summary>
    private sealed class ExtentSink(XfsVolume volume, ByteRangeSet? window) : IExtentSink
    {
        public List<OwnedExtent> Found { get; } = [];

        public bool IsLost { get; private set; }

        public void Run(in Inode inode, ForkKind fork, bool mapOnly = false)
        {
            var visitor = new ExtentMerger(volume, this, inode.Number, fork, mapOnly);
            ForkWalk.Run(volume, in inode, fork, ref visitor);
            visitor.Flush();
        }

        public void Add(uint ag, in RmapRecord record)
        {
            if (window is null
                || window.Overlaps(volume.Geometry.ByteOf(ag, record.Start),
                    (long)record.Length << volume.Geometry.BlockLog))
            {
                Found.Add(new(ag, record));
            }
        }

        public void Lose() => IsLost = true;
    }
}
