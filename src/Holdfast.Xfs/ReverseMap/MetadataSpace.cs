// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// Where metadata lies, as far as it is known: group structures, inode chunks, block maps, directories, attributes,
/// symlinks, the filesystem's own files. A block that cannot be read is part of the answer, for it is known by whoever
/// points at it: what it would lead to is found in the next round, when it has been read.
/// </summary>
public static class MetadataSpace
{
    /// <returns>Bytes of the data device.</returns>
    /// <param name="complete">False where something unreadable hides more.</param>
    public static ByteRangeSet Find(
        XfsVolume volume, out bool complete, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Geometry geometry = volume.Geometry;
        var found = new List<ByteRange>();
        complete = true;
        for (uint ag = 0; ag < geometry.AgCount; ag++)
        {
            uint number = ag;
            complete &= new GroupStructures(volume, volume.Group(ag)).Collect(record =>
                found.Add(new(geometry.ByteOf(number, record.Start), (long)record.Length << geometry.BlockLog)));
        }

        IReadOnlyCollection<Sink> sinks = InodeScan.Run(
            volume, () => new Sink(volume), (in Inode inode, Sink sink) =>
                sink.Take(in inode), out bool whole, progress,
            cancellationToken);
        foreach (Sink sink in sinks)
        {
            complete &= !sink.IsLost;
            found.AddRange(sink.Found);
        }

        complete &= whole;
        return ByteRangeSet.From(found);
    }

    /// <summary>Bytes of everything that is not free; null where a group's free space cannot be read.</summary>
    public static ByteRangeSet FindAllocated(XfsVolume volume, out bool complete)
    {
        complete = true;
        var free = new List<ByteRange>();
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
        {
            List<ByteRange>? inGroup = FreeSpace.Read(volume, volume.Group(ag), null);
            complete &= inGroup is not null;
            free.AddRange(inGroup ?? []);
        }

        // A group whose free space is not known counts as allocated.
        return ByteRangeSet.From([new ByteRange(0, volume.Geometry.DataLength)]).Except(ByteRangeSet.From(free));
    }

    /// <summary>Both forks of some inodes, block maps included; bytes of the data device.</summary>
    public static ByteRangeSet FindFiles(XfsVolume volume, IReadOnlyCollection<ulong> inodes, out bool complete)
    {
        var sink = new Sink(volume);
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        complete = true;
        foreach (ulong number in inodes)
        {
            if (InodeReader.Read(volume, new(number), buffer, out Inode inode)) sink.TakeAll(in inode);
            else complete = false;
        }

        complete &= !sink.IsLost;
        return ByteRangeSet.From(sink.Found);
    }

    private sealed class Sink(XfsVolume volume) : IExtentSink
    {
        public List<ByteRange> Found { get; } = [];

        public bool IsLost { get; private set; }

        /// <summary>Content that is metadata, and of ordinary files only the block map.</summary>
        public void Take(in Inode inode)
        {
            bool isMetadata = inode.Type is FileType.Directory or FileType.Symlink
                || Impacts.SystemFiles.WordFor(volume.Geometry, in inode) is not null;
            if (isMetadata) TakeAll(in inode);
            else Walk(in inode, mapOnly: true);
        }

        public void TakeAll(in Inode inode) => Walk(in inode, mapOnly: false);

        public void Add(uint ag, in RmapRecord record) =>
            Found.Add(new(volume.Geometry.ByteOf(ag, record.Start), (long)record.Length << volume.Geometry.BlockLog));

        public void Lose() => IsLost = true;

        private void Walk(in Inode inode, bool mapOnly)
        {
            // A realtime file's content lies on another device, its block map on this one.
            mapOnly |= inode.IsRealtime;
            if (!(mapOnly && inode.DataFormat == ForkFormat.Extents))
            {
                var data = new ExtentMerger(volume, this, inode.Number, ForkKind.Data, mapOnly);
                ForkWalk.Run(volume, in inode, ForkKind.Data, ref data);
                data.Flush();
            }

            var attributes = new ExtentMerger(volume, this, inode.Number, ForkKind.Attribute);
            ForkWalk.Run(volume, in inode, ForkKind.Attribute, ref attributes);
            attributes.Flush();
        }
    }
}
