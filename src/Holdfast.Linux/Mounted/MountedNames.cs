// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Names inodes of a mounted XFS by path, every hard link: by parent pointers where there are any, by the kernel's
/// own memory where few are asked for, and for what that leaves open by one pass over the directories.
/// </summary>
internal sealed class MountedNames(MountedXfs xfs)
{
    /// <summary>Inodes that are opened one by one before a pass over all directories is the quicker way.</summary>
    private const int OpenedMax = 256;

    private readonly Dictionary<ulong, IReadOnlyList<PathName>> _paths = [];

    /// <summary>False where a directory could not be read and not every name was found without it.</summary>
    internal bool IsComplete { get; private set; } = true;

    /// <summary>Sorted; empty for one that nothing names.</summary>
    internal IReadOnlyList<PathName> Of(ulong inode) => _paths.GetValueOrDefault(inode, []);

    /// <exception cref="Interop.KernelRefusal">An inode btree cannot be read.</exception>
    internal void Find(IReadOnlyCollection<WantedName> wanted, CancellationToken cancellationToken)
    {
        List<WantedName> open = [.. wanted.Where(name => name.Links != 0)];
        if (open.Count > 0 && xfs.Geometry.HasParentPointers)
        {
            using var parents = new ParentPaths(xfs);
            open = Try(open, parents.Find, cancellationToken);
        }

        if (open.Count is > 0 and <= OpenedMax)
        {
            var descriptors = new DescriptorPath(xfs);
            open = Try(
                open, name => descriptors.Find(name) is { } path ? [path] : null, cancellationToken);
        }

        if (open.Count > 0) FindByPass(open, cancellationToken);
    }

    private List<WantedName> Try(
        List<WantedName> wanted, Func<WantedName, List<PathName>?> find, CancellationToken cancellationToken)
    {
        var open = new List<WantedName>();
        foreach (WantedName name in wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (find(name) is { } paths) _paths[name.Inode] = paths;
            else open.Add(name);
        }

        return open;
    }

    private void FindByPass(List<WantedName> open, CancellationToken cancellationToken)
    {
        PassPaths pass = PassPaths.Run(xfs, open.Select(name => name.Inode).ToHashSet(), cancellationToken);
        foreach (WantedName name in open)
        {
            IReadOnlyList<PathName> found = pass.Of(name.Inode);
            if (found.Count > 0) _paths[name.Inode] = found;
            // One may also have been renamed behind the pass's back.
            if (name.Links is { } links ? found.Count < links : pass.IsLost) IsComplete = false;
        }
    }
}
