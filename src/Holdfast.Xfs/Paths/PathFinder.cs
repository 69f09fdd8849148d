// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>The paths that were found.</summary>
public sealed class PathAnswer
{
    private readonly Dictionary<ulong, IReadOnlyList<PathName>> _paths;

    internal PathAnswer(Dictionary<ulong, IReadOnlyList<PathName>> paths, bool complete)
    {
        _paths = paths;
        IsComplete = complete;
    }

    /// <summary>False where a directory could not be read and not every link was found without it.</summary>
    public bool IsComplete { get; }

    /// <summary>Inodes that have at least one path.</summary>
    public IReadOnlyCollection<ulong> Inodes => _paths.Keys;

    /// <summary>Every known path, sorted by bytes; empty for an orphan.</summary>
    public IReadOnlyList<PathName> Of(ulong inode) =>
        _paths.TryGetValue(inode, out IReadOnlyList<PathName>? paths) ? paths : [];
}

/// <summary>
/// Names inodes by path, every hard link: by parent pointers where the filesystem has them, and for what they leave
/// open by one pass over the directories, however many inodes are asked for.
/// </summary>
public sealed class PathFinder(XfsVolume volume)
{
    public PathAnswer Find(IReadOnlyCollection<WantedInode> wanted, CancellationToken cancellationToken = default)
    {
        var paths = new Dictionary<ulong, IReadOnlyList<PathName>>();
        IReadOnlyCollection<WantedInode> open = wanted;
        if (volume.Features.ParentPointers && wanted.Count > 0)
        {
            using var byParents = new ParentPointerPaths(volume);
            open = byParents.Find(wanted, paths, cancellationToken);
        }

        bool complete = open.Count == 0 || FindByDirectories(open, paths, cancellationToken);
        return new PathAnswer(paths, complete);
    }

    /// <summary>Every inode that a directory names, with all its paths; the root's is empty.</summary>
    public PathAnswer FindAll(CancellationToken cancellationToken = default)
    {
        var pass = new DirectoryPass(volume);
        pass.Run(volume.Geometry.RootInode, null, null, cancellationToken);
        return new PathAnswer(pass.FoundInodes.ToDictionary(i => i, pass.PathsOf), !pass.IsLost);
    }

    private bool FindByDirectories(
        IReadOnlyCollection<WantedInode> open, Dictionary<ulong, IReadOnlyList<PathName>> paths,
        CancellationToken cancellationToken)
    {
        long? links = 0;
        var inodes = new List<ulong>(open.Count);
        foreach (WantedInode inode in open)
        {
            links += inode.Links; // null where one does not know
            inodes.Add(inode.Inode);
        }

        XfsVolume own = volume.WithOwnFaults();
        var pass = new DirectoryPass(own);
        pass.Run(volume.Geometry.RootInode, new InodeSet(inodes), links, cancellationToken);
        bool allFound = true;
        foreach (WantedInode inode in open)
        {
            IReadOnlyList<PathName> found = pass.PathsOf(inode.Inode);
            if (found.Count > 0) paths[inode.Inode] = found;
            allFound &= inode.Links is { } count && found.Count >= count;
        }

        // What the pass could not read costs nothing where every link was found all the same.
        if (allFound) volume.Faults.AddWorkedAround(own.Faults);
        else volume.Faults.AddAll(own.Faults);
        return allFound || !pass.IsLost;
    }
}
