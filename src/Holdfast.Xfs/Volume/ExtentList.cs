// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// The mappings of one fork that lie in a window of file blocks, in file order. For forks whose content is read:
/// directories, attributes, symlinks, quota.
/// </summary>
internal sealed class ExtentList
{
    /// <summary>A fork that is read has no more mappings than this: it would be terabytes of directory.</summary>
    private const int ExtentsMax = 1 << 24;

    private readonly List<ExtentRecord> _extents = [];

    public IReadOnlyList<ExtentRecord> Extents => _extents;

    /// <summary>Part of the block map could not be read.</summary>
    public bool IsLost { get; private set; }

    /// <param name="first">First file block wanted.</param>
    /// <param name="end">First file block not wanted.</param>
    public static ExtentList Read(XfsVolume volume, in Inode inode, ForkKind fork, ulong first, ulong end)
    {
        var list = new ExtentList();
        var visitor = new Collect(list, first, end);
        ForkWalk.Run(volume, in inode, fork, ref visitor);
        return list;
    }

    /// <summary>Where a file block lies; null where it is a hole.</summary>
    public FsBlock? BlockOf(ulong fileBlock)
    {
        int low = 0;
        int high = _extents.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ExtentRecord extent = _extents[middle];
            if (fileBlock < extent.Offset.Value) high = middle - 1;
            else if (fileBlock >= extent.OffsetEnd) low = middle + 1;
            else return new(extent.Start.Value + (fileBlock - extent.Offset.Value));
        }

        return null;
    }

    private readonly struct Collect(ExtentList list, ulong first, ulong end) : IExtentVisitor
    {
        public bool Wants(int level, ulong low, ulong high) => low < end && high > first;

        public void Extent(in ExtentRecord extent)
        {
            if (extent.Offset.Value >= end || extent.OffsetEnd <= first) return;
            if (list._extents.Count < ExtentsMax) list._extents.Add(extent);
            else list.IsLost = true;
        }

        public void MapBlock(FsBlock block, int level, ulong low, ulong high)
        {
        }

        public void Lost(FsBlock block, ulong low, ulong high) => list.IsLost |= low < end && high > first;
    }
}
