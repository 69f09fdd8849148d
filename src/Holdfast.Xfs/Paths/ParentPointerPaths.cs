// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>
/// Paths by parent pointers: from each inode up to the root, each directory on the way read once. An inode whose
/// pointers cannot all be followed is left to the directory pass.
/// </summary>
internal sealed class ParentPointerPaths : IDisposable
{
    private const int Unresolved = -2;

    /// <summary>Inodes that one thread reads before it asks for more.</summary>
    private const int InodesPerPiece = 64;

    private readonly XfsVolume _volume;
    private readonly LinkTable _directories = new();
    private readonly Dictionary<ulong, int> _indexes = [];
    private readonly Dictionary<ulong, uint> _generations = [];
    private readonly ParentPointerReader _reader;
    private readonly byte[] _buffer;

    public ParentPointerPaths(XfsVolume volume)
    {
        // Its faults cost nothing: what it cannot answer, the directory pass does.
        _volume = volume.WithOwnFaults();
        _reader = new(_volume);
        _buffer = new byte[volume.Geometry.InodeSize];
        _indexes[volume.Geometry.RootInode.Value] = _directories.Add(volume.Geometry.RootInode, -1, default);
        if (InodeReader.TryRead(_volume, volume.Geometry.RootInode, _buffer, out Inode root).IsNone)
        {
            _generations[root.Number.Value] = root.Generation;
        }
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Adds what it finds to <paramref name="paths"/>.</summary>
    /// <returns>The inodes it could not answer for.</returns>
    public List<WantedInode> Find(
        IReadOnlyCollection<WantedInode> wanted, Dictionary<ulong, IReadOnlyList<PathName>> paths,
        CancellationToken cancellationToken)
    {
        var open = new List<WantedInode>();
        WantedInode[] sorted = [.. wanted];
        List<ParentLink>?[] linksOf = ReadLinks(sorted, cancellationToken);
        for (int i = 0; i < sorted.Length; i++)
        {
            WantedInode inode = sorted[i];
            List<ParentLink>? links = linksOf[i];
            if (inode.Inode == _volume.Geometry.RootInode.Value)
            {
                paths[inode.Inode] = [_directories.PathOf(_indexes[inode.Inode])];
                continue;
            }

            if (links is null || inode.Links is not { } count || links.Count < count || Follow(links) is not { } found)
            {
                open.Add(inode);
                continue;
            }

            if (found.Count > 0) paths[inode.Inode] = found;
        }

        return open;
    }

    private List<PathName>? Follow(List<ParentLink> links)
    {
        var found = new List<PathName>(links.Count);
        foreach (ParentLink link in links)
        {
            int directory = IndexOf(link);
            if (directory < 0) return null;
            found.Add(_directories.PathOf(directory, link.Name));
        }

        found.Sort();
        return found;
    }

    /// <summary>The directory's place in the table, after climbing as far as nothing is known yet.</summary>
    private int IndexOf(ParentLink link)
    {
        var climbed = new Stack<(ulong Inode, ParentLink Link)>();
        ParentLink next = link;
        int index;
        while (!_indexes.TryGetValue(next.Parent, out index))
        {
            // Marked first: a directory that is its own ancestor ends the climb here.
            _indexes[next.Parent] = Unresolved;
            ulong inode = next.Parent;
            if (ReadDirectory(inode) is not { } parent)
            {
                index = Unresolved;
                climbed.Clear();
                break;
            }

            climbed.Push((inode, parent));
            if (_generations[inode] != next.Generation) climbed.Clear();
            next = parent;
        }

        if (index >= 0 && !IsGeneration(next)) index = Unresolved;
        while (index >= 0 && climbed.TryPop(out (ulong Inode, ParentLink Link) step))
        {
            index = _indexes[step.Inode] = _directories.Add(new(step.Inode), index, step.Link.Name);
        }

        return _indexes[link.Parent] >= 0 && IsGeneration(link) ? _indexes[link.Parent] : Unresolved;
    }

    /// <summary>
    /// Is the parent still the one that the pointer means? The root is, also where it cannot be read: no other inode
    /// ever takes its number.
    /// </summary>
    private bool IsGeneration(ParentLink link) => _generations.TryGetValue(link.Parent, out uint known)
        ? known == link.Generation
        : link.Parent == _volume.Geometry.RootInode.Value;

    /// <summary>A directory's one parent pointer; null where it cannot be read or is not one.</summary>
    private ParentLink? ReadDirectory(ulong number)
    {
        BlockFault fault = InodeReader.TryRead(_volume, new(number), _buffer, out Inode inode);
        if (!fault.IsNone || inode.Type != FileType.Directory) return null;
        _generations[number] = inode.Generation;
        return _reader.Read(in inode) is [var parent] ? parent : null;
    }

    /// <summary>The links of each of these; null where they cannot be told. Sorts them.</summary>
    private List<ParentLink>?[] ReadLinks(WantedInode[] wanted, CancellationToken cancellationToken)
    {
        // In inode order, so that neighbours share the page cache.
        if (wanted.Length > 1) Array.Sort(wanted, (left, right) => left.Inode.CompareTo(right.Inode));
        var links = new List<ParentLink>?[wanted.Length];
        var crew = new Crew<LinkReader>(() => new LinkReader(_volume));
        try
        {
            crew.Run(
                (wanted.Length + InodesPerPiece - 1) / InodesPerPiece,
                (worker, piece) =>
                {
                    int end = Math.Min((piece + 1) * InodesPerPiece, wanted.Length);
                    for (int i = piece * InodesPerPiece; i < end; i++) links[i] = worker.Read(wanted[i]);
                    return true;
                },
                cancellationToken);
        }
        finally
        {
            foreach (LinkReader worker in crew.Workers) worker.Dispose();
        }

        return links;
    }

    /// <summary>One thread's.</summary>
    private sealed class LinkReader(XfsVolume volume) : IDisposable
    {
        private readonly ParentPointerReader _pointers = new(volume);
        private readonly byte[] _inode = new byte[volume.Geometry.InodeSize];

        public void Dispose() => _pointers.Dispose();

        public List<ParentLink>? Read(WantedInode wanted)
        {
            if (wanted.Links is null) return null;
            return InodeReader.TryRead(volume, new(wanted.Inode), _inode, out Inode inode).IsNone
                ? _pointers.Read(in inode)
                : null;
        }
    }
}
