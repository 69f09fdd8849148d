// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>Paths by one pass over all directories, however many inodes are asked for.</summary>
internal sealed class PassPaths
{
    private const int DepthMax = 4096;
    private const byte DT_UNKNOWN = 0;
    private const byte DT_DIR = 4;

    private readonly record struct Link(ulong Directory, byte[] Name);

    private readonly Dictionary<ulong, Link> _parents = [];
    private readonly Dictionary<ulong, PathName?> _directories = [];
    private readonly Dictionary<ulong, List<Link>> _links = [];

    private PassPaths(ulong root, Reader[] readers)
    {
        _directories[root] = default(PathName);
        foreach (Reader reader in readers)
        {
            foreach ((ulong directory, Link link) in reader.Directories) _parents.TryAdd(directory, link);
            foreach ((ulong inode, Link link) in reader.Wanted)
            {
                if (!_links.TryGetValue(inode, out List<Link>? links)) _links[inode] = links = [];
                links.Add(link);
            }
        }
    }

    /// <summary>A directory could not be read: there may be more paths.</summary>
    internal bool IsLost { get; private init; }

    /// <exception cref="Interop.KernelRefusal">An inode btree cannot be read.</exception>
    internal static PassPaths Run(MountedXfs xfs, IReadOnlySet<ulong> wanted, CancellationToken cancellationToken)
    {
        ulong root = new MountedInodes(xfs).Root();
        var pass = new DirectoryPass(xfs);
        Reader[] readers = pass.Run(() => new Reader(wanted), cancellationToken);
        return new(root, readers) { IsLost = pass.IsLost };
    }

    /// <summary>Sorted; empty for one that no directory names.</summary>
    internal IReadOnlyList<PathName> Of(ulong inode)
    {
        if (_directories.TryGetValue(inode, out PathName? known) && known is { Bytes.IsEmpty: true }) return [default];
        if (!_links.TryGetValue(inode, out List<Link>? links)) return [];
        var paths = new List<PathName>(links.Count);
        foreach (Link link in links) if (PathOf(link.Directory) is { } path) paths.Add(path.Under(link.Name));
        paths.Sort();
        return paths;
    }

    private PathName? PathOf(ulong directory)
    {
        var climbed = new Stack<(ulong Directory, byte[] Name)>();
        ulong at = directory;
        PathName? path;
        while (!_directories.TryGetValue(at, out path))
        {
            if (climbed.Count == DepthMax || !_parents.TryGetValue(at, out Link up)) break;
            climbed.Push((at, up.Name));
            at = up.Directory;
        }

        foreach ((ulong below, byte[] name) in climbed) _directories[below] = path = path?.Under(name);
        return path;
    }

    private sealed class Reader(IReadOnlySet<ulong> wanted) : IDirectoryReader
    {
        internal List<(ulong Directory, Link Link)> Directories { get; } = [];

        internal List<(ulong Inode, Link Link)> Wanted { get; } = [];

        public void Inode(in MountedInode inode)
        {
        }

        public void Entry(ulong directory, ulong inode, byte type, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual(".."u8)) return;
            bool isWanted = wanted.Contains(inode);
            // Where directories do not say what they name, any entry may be a directory's.
            bool mayBeDirectory = type is DT_DIR or DT_UNKNOWN;
            if (!isWanted && !mayBeDirectory) return;
            var link = new Link(directory, name.ToArray());
            if (isWanted) Wanted.Add((inode, link));
            if (mayBeDirectory) Directories.Add((inode, link));
        }
    }
}
