// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// Puts names to impacts: the paths of every inode hit or lost, the entries that directories lost, the space that
/// lost inodes owned. Whatever takes a pass over the filesystem is done once, for all impacts together.
/// </summary>
internal sealed class ImpactNaming(XfsVolume volume)
{
    public List<Impact> Name(
        List<Impact> impacts, InodeFinding[] findings, out bool complete, CancellationToken cancellationToken)
    {
        var lostInodes = new HashSet<ulong>();
        foreach (Impact impact in impacts)
        {
            foreach (LostInode lost in impact.LostInodes) lostInodes.Add(lost.Inode);
        }

        var wanted = new Dictionary<ulong, WantedInode>();
        foreach (InodeFinding finding in findings) wanted[finding.Wanted.Inode] = finding.Wanted;
        // A lost inode cannot say how many links it has.
        foreach (ulong inode in lostInodes) wanted[inode] = new(inode, inode == volume.Geometry.RootInode.Value
            ? 0u
            : null);
        var linked = new List<WantedInode>(wanted.Count);
        foreach (WantedInode inode in wanted.Values) if (inode.Links != 0) linked.Add(inode);
        PathAnswer paths = new PathFinder(volume).Find(linked, cancellationToken);
        complete = paths.IsComplete;

        Dictionary<ulong, List<ByteRange>>? space = lostInodes.Count == 0
            ? []
            : new LostInodeFinder(volume).SpaceOf(lostInodes, cancellationToken);
        complete &= space is not null;

        var directories = new HashSet<ulong>();
        foreach (InodeFinding finding in findings) if (finding.HasLostEntries) directories.Add(finding.Wanted.Inode);
        LostEntries? entries = directories.Count == 0
            ? null
            : new LostEntryFinder(volume).Find(directories, cancellationToken);
        complete &= entries?.IsComplete ?? true;
        // A directory's lost entries stand once, with the first of its blocks that was hit.
        var told = new HashSet<ulong>();
        return impacts.ConvertAll(i => WithEntries(Named(i, paths, space), entries, told));
    }

    private static Impact WithEntries(Impact impact, LostEntries? entries, HashSet<ulong> told) =>
        impact.Structure == DirectoryWords.Data && entries is not null
            && entries.ByDirectory.TryGetValue(impact.Inode!.Value, out List<LostEntry>? lost)
                && told.Add(impact.Inode.Value)
            ? impact with { LostEntries = lost }
            : impact;

    private Impact Named(Impact impact, PathAnswer paths, Dictionary<ulong, List<ByteRange>>? space)
    {
        if (impact.Inode is { } inode)
        {
            IReadOnlyList<PathName> names = inode == volume.Geometry.RootInode.Value ? [default] : paths.Of(inode);
            return impact with { Paths = names };
        }

        return impact.LostInodes.Count == 0
            ? impact
            : impact with { LostInodes = [.. impact.LostInodes.Select(l => Named(l, paths, space))] };
    }

    private static LostInode Named(LostInode lost, PathAnswer paths, Dictionary<ulong,
        List<ByteRange>>? space) => lost with
    {
        Paths = paths.Of(lost.Inode),
        UnreachableRanges = space is not null && space.TryGetValue(lost.Inode, out List<ByteRange>? ranges)
            ? ranges
            : [],
        RangesKnown = space is not null,
    };
}
