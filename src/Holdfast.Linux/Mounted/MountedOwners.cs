// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>An owner as it was found.</summary>
/// <param name="Inode">Null where the kernel does not show it, or could not read it.</param>
/// <param name="Refusal">Why it could not be read; null where it is one of the filesystem's own.</param>
internal readonly record struct FoundInode(MountedInode? Inode, string? Refusal);

/// <summary>
/// Who owns bad ranges of a mounted XFS, and which inodes those are: rows and inodes of one moment, so that an inode
/// that took the number or the blocks of another is never blamed. Who changed too often meanwhile is said.
/// </summary>
/// <param name="index">Where the kernel has no reverse map of its own.</param>
internal sealed class MountedOwners(MountedXfs xfs, MountedIndex? index)
{
    private const int TriesMax = 4;

    private readonly SpaceMap _space = new(xfs);
    private readonly MountedInodes _inodes = new(xfs);

    internal IReadOnlyList<MountedPiece> Pieces { get; private set; } = [];

    internal IReadOnlyDictionary<ulong, FoundInode> Inodes { get; private set; } = new Dictionary<ulong, FoundInode>();

    /// <summary>Why less is known than should be.</summary>
    internal List<string> Gaps { get; } = [];

    internal void Find(DeviceRole device, ByteRangeSet bad, CancellationToken cancellationToken)
    {
        List<MapRow> rows = Rows(device, bad, cancellationToken);
        Dictionary<ulong, FoundInode> inodes = Look(rows);
        for (int tries = 1; ; tries++)
        {
            List<MapRow> again = Rows(device, bad, cancellationToken);
            Dictionary<ulong, FoundInode> now = Look(again);
            // An inode that was the same before and after owned what it was found to own in between.
            List<ulong> changed =
            [
                .. now.Where(at => !inodes.TryGetValue(at.Key, out FoundInode before)
                    || before.Inode?.Generation != at.Value.Inode?.Generation).Select(at => at.Key),
            ];
            (rows, inodes) = (again, now);
            if (changed.Count == 0) break;
            if (tries < TriesMax) continue;
            Gaps.Add($"{changed.Count} inodes came and went while they were asked about: what they hold is left out");
            rows.RemoveAll(row => row.Owner == OwnerKind.Inode && changed.Contains(row.Inode));
            break;
        }

        Pieces = [.. new SharedCut(bad).Cut(rows)];
        Inodes = inodes;
    }

    private List<MapRow> Rows(DeviceRole device, ByteRangeSet bad, CancellationToken cancellationToken)
    {
        var rows = new List<MapRow>();
        var unread = new List<ByteRange>();
        string? why = null;
        foreach (ByteRange range in bad)
        {
            int before = rows.Count;
            try
            {
                _space.ForEach(device, range, row => Add(row, range), cancellationToken);
            }
            catch (Exception refusal) when (refusal is KernelRefusal or InvalidDataException)
            {
                rows.RemoveRange(before, rows.Count - before);
                rows.Add(MapRow.Special(device, range.Offset, range.Length, OwnerKind.Unknown));
                unread.Add(range);
                why ??= refusal.Message;
            }
        }

        if (why is not null && !Gaps.Contains(why)) Gaps.Add(why);
        return rows;

        void Add(MapRow row, ByteRange range)
        {
            if (row.Owner != OwnerKind.Unknown || index is null)
            {
                rows.Add(row);
                return;
            }

            ByteRange part = range.Intersect(new(row.Physical, row.Length));
            if (!part.IsEmpty) index.ForEach(device, part, rows.Add);
        }
    }

    private Dictionary<ulong, FoundInode> Look(List<MapRow> rows)
    {
        var found = new Dictionary<ulong, FoundInode>();
        foreach (MapRow row in rows)
        {
            if (row.Owner != OwnerKind.Inode || found.ContainsKey(row.Inode)) continue;
            try
            {
                found[row.Inode] = new(_inodes.Find(row.Inode), null);
            }
            catch (KernelRefusal refusal)
            {
                found[row.Inode] = new(null, refusal.Message);
            }
        }

        return found;
    }
}
