// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Puts names to impacts on a mounted XFS: the paths of every inode hit or lost, the entries that directories lost, the
/// space that lost inodes owned. Whatever takes a pass over the filesystem is done once, for all impacts together.
/// </summary>
/// <param name="gaps">Is told what cannot be known.</param>
internal sealed class MountedNaming(MountedXfs xfs, MountedIndex? index, List<string> gaps)
{
    private readonly MountedInodes _inodes = new(xfs);
    private bool _isSpaceKnown;

    internal List<Impact> Name(
        List<Impact> impacts, IReadOnlyDictionary<ulong, FoundInode> found, CancellationToken cancellationToken)
    {
        HashSet<ulong> lost = [.. impacts.SelectMany(impact => impact.LostInodes).Select(inode => inode.Inode)];
        var names = new MountedNames(xfs);
        var entries = new LostEntryFinder(xfs);
        Dictionary<ulong, List<ByteRange>>? space = null;
        try
        {
            names.Find(Wanted(found, lost), cancellationToken);
            if (!names.IsComplete) gaps.Add("not every directory can be read: some paths may be missing");
            entries.Find(DirectoriesHit(impacts, found), cancellationToken);
            if (!entries.IsComplete) gaps.Add("which entries the directories lost cannot be said for certain");
            space = lost.Count == 0 ? [] : SpaceOf(lost, cancellationToken);
        }
        catch (Exception refusal) when (refusal is KernelRefusal or InvalidDataException)
        {
            gaps.Add(refusal.Message);
        }

        // A directory's lost entries stand once, with the first of its blocks that was hit.
        var told = new HashSet<ulong>();
        return impacts.ConvertAll(impact => WithEntries(Named(impact, names, space), entries, told));
    }

    private List<WantedName> Wanted(IReadOnlyDictionary<ulong, FoundInode> found, HashSet<ulong> lost)
    {
        var wanted = new List<WantedName>();
        foreach ((ulong number, FoundInode at) in found)
        {
            if (lost.Contains(number)) continue;
            if (at.Inode is { } inode) wanted.Add(Named(in inode));
            else if (at.Refusal is not null) wanted.Add(new(number, null, null));
        }

        foreach (ulong number in lost)
        {
            try
            {
                // One that is in memory can still say who it is.
                if (_inodes.Find(number) is { } inode) wanted.Add(Named(in inode));
            }
            catch (KernelRefusal)
            {
                wanted.Add(new(number, null, null));
            }
        }

        return wanted;
    }

    private static WantedName Named(in MountedInode inode) =>
        new(inode.Number, inode.Generation, inode.IsDirectory ? Math.Min(1, inode.Links) : inode.Links);

    private Dictionary<MountedInode, SortedSet<long>> DirectoriesHit(
        List<Impact> impacts, IReadOnlyDictionary<ulong, FoundInode> found)
    {
        int block = xfs.Geometry.DirectoryBlockSize;
        var hits = new Dictionary<MountedInode, SortedSet<long>>();
        foreach (Impact impact in impacts)
        {
            if (impact.Structure != DirectoryWords.Data || found[impact.Inode!.Value].Inode is not { } inode) continue;
            if (!hits.TryGetValue(inode, out SortedSet<long>? blocks)) hits[inode] = blocks = [];
            long first = impact.FileOffset!.Value / block * block;
            for (long at = first; at < impact.FileOffset + impact.Length; at += block) blocks.Add(at);
        }

        return hits;
    }

    /// <summary>The one question that takes a pass over the whole reverse map: it is not ordered by owner.</summary>
    private Dictionary<ulong, List<ByteRange>> SpaceOf(HashSet<ulong> inodes, CancellationToken cancellationToken)
    {
        var space = new Dictionary<ulong, List<ByteRange>>();
        void Add(MapRow row)
        {
            if (row.Owner != OwnerKind.Inode || row.Device != DeviceRole.Data || !inodes.Contains(row.Inode)) return;
            if (!space.TryGetValue(row.Inode, out List<ByteRange>? ranges)) space[row.Inode] = ranges = [];
            ranges.Add(new(row.Physical, row.Length));
        }

        if (xfs.Geometry.HasRmapbt)
        {
            new SpaceMap(xfs).ForEach(Add, cancellationToken);
            _isSpaceKnown = true;
            return space;
        }

        gaps.Add("without an rmapbt it cannot be said for certain which space lost inodes own");
        foreach (MapRow row in index?.Rows ?? []) Add(row);
        return space;
    }

    private static Impact WithEntries(Impact impact, LostEntryFinder entries, HashSet<ulong> told) =>
        impact.Structure == DirectoryWords.Data && told.Add(impact.Inode!.Value)
            ? impact with { LostEntries = entries.Of(impact.Inode.Value) }
            : impact;

    private Impact Named(Impact impact, MountedNames names, Dictionary<ulong, List<ByteRange>>? space)
    {
        if (impact.Inode is { } inode) return impact with { Paths = names.Of(inode) };
        if (impact.LostInodes.Count == 0) return impact;
        return impact with { LostInodes = [.. impact.LostInodes.Select(lost => Named(lost, names, space))] };
    }

    private LostInode Named(
        LostInode lost, MountedNames names, Dictionary<ulong, List<ByteRange>>? space) => lost with
    {
        Paths = names.Of(lost.Inode),
        UnreachableRanges = space?.GetValueOrDefault(lost.Inode) ?? [],
        RangesKnown = _isSpaceKnown,
    };
}
