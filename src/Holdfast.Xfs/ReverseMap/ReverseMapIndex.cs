// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>
/// A reverse map that was built: the records of every group, sorted and merged as an rmapbt keeps them, 24 bytes each.
/// </summary>
internal sealed class ReverseMapIndex
{
    private readonly List<RmapRecord>[] _groups;

    internal ReverseMapIndex(List<RmapRecord>[] groups, bool complete)
    {
        _groups = groups;
        IsComplete = complete;
        for (int ag = 0; ag < groups.Length; ag++)
        {
            groups[ag].Sort();
            MergeNeighbours(groups[ag]);
        }
    }

    /// <summary>False where an inode, a block map or a group structure could not be read.</summary>
    public bool IsComplete { get; }

    public ReadOnlySpan<RmapRecord> Records(uint ag) => CollectionsMarshal.AsSpan(_groups[ag]);

    /// <summary>
    /// Blocks of one owner that lie side by side are one record where they have no file offset (block maps, group
    /// structures). Extents with an offset were merged when they were emitted, in file order.
    /// </summary>
    private static void MergeNeighbours(List<RmapRecord> records)
    {
        Span<RmapRecord> span = CollectionsMarshal.AsSpan(records);
        int kept = 0;
        for (int i = 0; i < span.Length; i++)
        {
            if (kept > 0 && Merges(span[kept - 1], span[i]))
            {
                RmapRecord left = span[kept - 1];
                ulong end = Math.Max(left.End, span[i].End);
                span[kept - 1] = left with { Length = (uint)(end - left.Start.Value) };
                continue;
            }

            span[kept++] = span[i];
        }

        CollectionsMarshal.SetCount(records, kept);
    }

    private static bool Merges(in RmapRecord left, in RmapRecord right) =>
        left.Owner == right.Owner && left.PackedOffset == right.PackedOffset
        && (!left.IsInode || left.IsBlockMap) && right.Start.Value <= left.End;
}
