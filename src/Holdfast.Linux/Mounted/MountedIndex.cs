// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// A reverse map of a mounted XFS that keeps none: built inode by inode (bulkstat, getbmapx over handles), and true for
/// the moment it was built. The kernel shows neither block maps, nor the content of symlinks, nor the attributes of
/// special files, nor its own inodes, nor unused ones of sparse chunks: what is in use and was not found is of an
/// unknown owner.
/// </summary>
public sealed class MountedIndex
{
    private readonly MapRow[] _rows;
    private long[]? _ends;
    private readonly long _built = Stopwatch.GetTimestamp();

    private MountedIndex(MapRow[] rows, long unread)
    {
        _rows = rows;
        Unread = unread;
    }

    /// <summary>Everything that was found, in the kernel's order of rows.</summary>
    public IReadOnlyList<MapRow> Rows => _rows;

    /// <summary>How long ago the last inode was looked at.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_built);

    /// <summary>Inodes with extents that could not be looked at, whatever the reason.</summary>
    public long Unread { get; }

    /// <summary>Looks at every inode. Root only.</summary>
    /// <param name="progress">From 0 to 1.</param>
    /// <exception cref="KernelRefusal">Not root, or an inode btree cannot be read.</exception>
    public static MountedIndex Build(
        MountedXfs xfs, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        long groups = xfs.Geometry.GroupCount;
        var scans = new GroupScan[groups];
        long done = 0;
        EveryGroup.Run(
            xfs,
            group =>
            {
                scans[group] = new(xfs, group);
                scans[group].Run(cancellationToken);
                progress?.Report((double)Interlocked.Increment(ref done) / groups);
            },
            cancellationToken);
        var rows = new List<MapRow>(scans.Sum(scan => scan.Rows.Count));
        foreach (GroupScan scan in scans) rows.AddRange(scan.Rows);
        AddStructures(xfs.Geometry, scans, rows);
        MapRow[] sorted = [.. rows];
        Array.Sort(sorted, InKernelOrder);
        return new(sorted, scans.Sum(scan => scan.Unread));
    }

    /// <summary>What has a fixed place, and the chunks of inodes.</summary>
    private static void AddStructures(MountedGeometry geometry, GroupScan[] scans, List<MapRow> rows)
    {
        // Of a sparse chunk the kernel does not say which of its unused inodes are a hole, which may be anybody's.
        var inodes = ByteRangeSet.From(scans.SelectMany(scan => scan.Used));
        foreach (ByteRange chunk in inodes) rows.Add(Special(chunk, OwnerKind.Inodes));
        for (long group = 0; group < geometry.GroupCount; group++)
        {
            rows.Add(Special(geometry.HeadersOf(group), OwnerKind.Filesystem));
        }

        if (geometry.InternalLog is { } log) rows.Add(Special(log, OwnerKind.Log));

        static MapRow Special(ByteRange range, OwnerKind owner) =>
            MapRow.Special(DeviceRole.Data, range.Offset, range.Length, owner);
    }

    /// <summary>
    /// All rows of the kernel's space map, with what it calls unknown named as far as the index knows. In its order.
    /// </summary>
    public void ForEach(SpaceMap space, Action<MapRow> each, CancellationToken cancellationToken = default)
    {
        int next = 0;
        space.ForEach(
            row =>
            {
                // What the kernel names itself it knows better; space that became free since belongs to nobody.
                if (row.Owner == OwnerKind.Unknown) next = Name(row, next, each);
                else each(row);
            },
            cancellationToken);
    }

    /// <summary>
    /// The rows that have bytes in a range, and what is in between as unknown: for where the kernel cannot even tell
    /// used from free.
    /// </summary>
    public void ForEach(DeviceRole device, ByteRange range, Action<MapRow> each)
    {
        _ends ??= Ends();
        MapRow unknown = MapRow.Special(device, range.Offset, range.Length, OwnerKind.Unknown);
        int low = 0;
        int high = _rows.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_rows[middle].Device < device || (_rows[middle].Device == device && _ends[middle] <= range.Offset))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        Name(unknown, low, each);
    }

    /// <summary>How far the rows up to each one reach on its device: one may begin long before a place.</summary>
    private long[] Ends()
    {
        long[] ends = new long[_rows.Length];
        for (int i = 0; i < ends.Length; i++)
        {
            bool isFirst = i == 0 || _rows[i - 1].Device != _rows[i].Device;
            ends[i] = isFirst ? _rows[i].End : Math.Max(ends[i - 1], _rows[i].End);
        }

        return ends;
    }

    private int Name(MapRow unknown, int next, Action<MapRow> each)
    {
        while (next < _rows.Length && IsBefore(in _rows[next], in unknown)) next++;
        long at = unknown.Physical;
        int index = next;
        for (; index < _rows.Length && _rows[index].Device == unknown.Device; index++)
        {
            MapRow row = _rows[index];
            if (row.Physical >= unknown.End) break;
            if (row.End <= unknown.Physical) continue;
            if (row.Physical > at) each(MapRow.Special(unknown.Device, at, row.Physical - at, OwnerKind.Unknown));
            each(row);
            at = Math.Max(at, row.End);
        }

        if (at < unknown.End) each(MapRow.Special(unknown.Device, at, unknown.End - at, OwnerKind.Unknown));
        return index;
    }

    private static bool IsBefore(in MapRow row, in MapRow unknown) =>
        row.Device < unknown.Device || (row.Device == unknown.Device && row.End <= unknown.Physical);

    private static int InKernelOrder(MapRow left, MapRow right)
    {
        int order = left.Device.CompareTo(right.Device);
        if (order == 0) order = left.Physical.CompareTo(right.Physical);
        if (order == 0) order = left.Inode.CompareTo(right.Inode);
        return order != 0 ? order : left.Offset.CompareTo(right.Offset);
    }

    /// <summary>The inodes of one group, on one thread.</summary>
    private sealed class GroupScan(MountedXfs xfs, uint group)
    {
        private const int InodesPerChunk = 64;

        private readonly InodeOpener _opener = new(xfs);

        internal List<MapRow> Rows { get; } = [];

        /// <summary>Blocks that certainly hold inodes.</summary>
        internal List<ByteRange> Used { get; } = [];

        internal long Unread { get; private set; }

        internal void Run(CancellationToken cancellationToken)
        {
            using var extents = new InodeExtents(xfs);
            var inodes = new MountedInodes(xfs);
            inodes.ForEach(group, inode => Look(in inode, extents), _ => Unread++, cancellationToken);
            inodes.ForEachChunk(group, AddChunk, cancellationToken);
        }

        private void Look(in MountedInode inode, InodeExtents extents)
        {
            if (inode.Extents == 0 && inode.AttributeExtents == 0) return;
            using SafeFileHandle? file = _opener.Open(inode);
            if (file is null)
            {
                Unread++;
                return;
            }

            try
            {
                if (inode.Extents > 0) extents.ForEach(file, in inode, ForkKind.Data, Rows.Add);
                if (inode.AttributeExtents > 0) extents.ForEach(file, in inode, ForkKind.Attribute, Rows.Add);
            }
            catch (KernelRefusal)
            {
                Unread++;
            }
        }

        private void AddChunk(ulong first, ulong allocated)
        {
            MountedGeometry geometry = xfs.Geometry;
            int inBlock = Math.Min(InodesPerChunk, 1 << geometry.InodesPerBlockLog);
            ulong mask = inBlock == InodesPerChunk ? ulong.MaxValue : (1ul << inBlock) - 1;
            for (int i = 0; i < InodesPerChunk; i += inBlock)
            {
                var block = new ByteRange(geometry.ByteOf(first + (ulong)i), inBlock * geometry.InodeSize);
                if (!geometry.HasSparseInodes || (allocated >> i & mask) != 0) Used.Add(block);
            }
        }
    }
}
