// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Paths by parent pointers: from an inode up to the root, each directory on the way asked once. One thread's.
/// </summary>
internal sealed class ParentPaths(MountedXfs xfs) : IDisposable
{
    /// <summary>A tree this deep is none: its directories lead in a circle.</summary>
    private const int DepthMax = 4096;

    private readonly ParentPointers _pointers = new(xfs);
    private readonly Dictionary<(ulong Inode, uint Generation), PathName?> _directories = [];

    /// <returns>All paths, sorted; null where they cannot all be followed, or are fewer than its links.</returns>
    internal List<PathName>? Find(WantedName wanted)
    {
        if (wanted.Generation is not { } generation || wanted.Links is not { } links) return null;
        if (_pointers.Of(wanted.Inode, generation, out bool isRoot) is not { } parents) return null;
        if (isRoot) return [default];
        if (parents.Count < links) return null;
        var paths = new List<PathName>(parents.Count);
        foreach (MountedParent parent in parents)
        {
            if (PathOf(parent.Directory, parent.Generation) is not { } directory) return null;
            paths.Add(directory.Under(parent.Name));
        }

        paths.Sort();
        return paths;
    }

    public void Dispose() => _pointers.Dispose();

    private PathName? PathOf(ulong inode, uint generation)
    {
        var climbed = new Stack<((ulong, uint) Directory, byte[] Name)>();
        (ulong Inode, uint Generation) at = (inode, generation);
        PathName? path;
        while (!_directories.TryGetValue(at, out path))
        {
            List<MountedParent>? parents = _pointers.Of(at.Inode, at.Generation, out bool isRoot);
            if (isRoot)
            {
                _directories[at] = path = default(PathName);
                break;
            }

            // A directory has one name, and one that is being removed has none.
            if (parents is not [var parent] || climbed.Count == DepthMax)
            {
                _directories[at] = path = null;
                break;
            }

            climbed.Push((at, parent.Name));
            at = (parent.Directory, parent.Generation);
        }

        foreach (((ulong, uint) directory, byte[] name) in climbed)
        {
            path = path?.Under(name);
            _directories[directory] = path;
        }

        return path;
    }
}
