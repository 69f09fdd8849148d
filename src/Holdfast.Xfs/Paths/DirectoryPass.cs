// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>
/// One parallel pass over the directory tree from a root down, level by level, that finds the entries of wanted
/// inodes. Reads directory inodes and directory data blocks, nothing else; stops as soon as every wanted link is found.
/// Each directory is entered once, so damage cannot send it in circles.
/// </summary>
internal sealed class DirectoryPass(XfsVolume volume)
{
    /// <summary>Directories that one thread reads before it asks for more.</summary>
    private const int PieceMin = 8;

    private const int PieceMax = 256;

    private readonly record struct Link(ulong Inode, int Directory, byte[] Name);

    private readonly LinkTable _directories = new();
    private readonly HashSet<ulong> _entered = [];
    private readonly Dictionary<ulong, List<Link>> _found = [];
    private long _linksFound;

    /// <summary>A directory on the way could not be read in full.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Every link asked for was found, so the rest of the tree was not read.</summary>
    public bool StoppedEarly { get; private set; }

    /// <param name="root">Where to begin; its own path is empty.</param>
    /// <param name="wanted">Inodes whose links are looked for; null for every inode.</param>
    /// <param name="linksWanted">How many links they have together; null where that is not known.</param>
    public void Run(InodeNumber root, InodeSet? wanted, long? linksWanted, CancellationToken cancellationToken)
    {
        _entered.Add(root.Value);
        int first = _directories.Add(root, -1, default);
        if (wanted is null || wanted.Contains(root.Value)) Find(new(root.Value, first, []));
        var crew = new Crew<Worker>(() => new Worker(volume, wanted));
        try
        {
            for (int level = first; level < _directories.Count;)
            {
                StoppedEarly = linksWanted is { } links && _linksFound >= links;
                if (StoppedEarly) break;
                int end = _directories.Count;
                ReadLevel(crew, level, end, linksWanted, cancellationToken);
                foreach (Worker worker in crew.Workers) Merge(worker);
                level = end;
            }
        }
        finally
        {
            foreach (Worker worker in crew.Workers) worker.Dispose();
        }
    }

    /// <summary>The paths of a wanted inode, sorted.</summary>
    public IReadOnlyList<PathName> PathsOf(ulong inode)
    {
        if (!_found.TryGetValue(inode, out List<Link>? links)) return [];
        var paths = new PathName[links.Count];
        for (int i = 0; i < paths.Length; i++) paths[i] = _directories.PathOf(links[i].Directory, links[i].Name);
        if (paths.Length > 1) Array.Sort(paths);
        return paths;
    }

    public IEnumerable<ulong> FoundInodes => _found.Keys;

    /// <summary>Reads the directories from <paramref name="first"/> to <paramref name="end"/>.</summary>
    private void ReadLevel(
        Crew<Worker> crew, int first, int end, long? linksWanted, CancellationToken cancellationToken)
    {
        int perPiece = Math.Clamp((end - first) / (4 * Environment.ProcessorCount), PieceMin, PieceMax);
        crew.Run(
            (end - first + perPiece - 1) / perPiece,
            (worker, piece) =>
            {
                int from = first + piece * perPiece;
                int to = Math.Min(from + perPiece, end);
                worker.Prefetch(_directories, from, to);
                for (int i = from; i < to; i++) worker.Read(_directories.InodeAt(i), i);
                return Interlocked.Add(ref _linksFound, worker.TakeCount()) < (linksWanted ?? long.MaxValue);
            },
            cancellationToken);
    }

    /// <summary>Takes over what a worker found since it was last asked.</summary>
    private void Merge(Worker worker)
    {
        IsLost |= worker.IsLost;
        foreach (Link link in worker.Links) Find(link);
        foreach (Link child in worker.Children)
        {
            if (_entered.Add(child.Inode)) _directories.Add(new(child.Inode), child.Directory, child.Name);
        }

        worker.Forget();
    }

    private void Find(Link link)
    {
        if (!_found.TryGetValue(link.Inode, out List<Link>? links)) _found[link.Inode] = links = [];
        links.Add(link);
    }

    /// <summary>One thread's reader and what it found.</summary>
    private sealed class Worker(XfsVolume volume, InodeSet? wanted) : IDisposable
    {
        private readonly DirectoryReader _reader = new(volume);
        private readonly byte[] _inode = new byte[volume.Geometry.InodeSize];
        private readonly byte[] _child = new byte[volume.Geometry.InodeSize];
        private int _counted;

        public List<Link> Links { get; } = [];

        public List<Link> Children { get; } = [];

        public bool IsLost { get; private set; }

        public void Dispose() => _reader.Dispose();

        public void Forget()
        {
            _counted = 0;
            Links.Clear();
            Children.Clear();
        }

        /// <summary>Links found since the last call.</summary>
        public int TakeCount()
        {
            int count = Links.Count - _counted;
            _counted = Links.Count;
            return count;
        }

        /// <summary>
        /// Where reads wait for the disk, it is told of all inodes of a piece, then of all their blocks: one after
        /// another, each would be a seek of its own.
        /// </summary>
        public void Prefetch(LinkTable directories, int from, int to)
        {
            bool isWorthIt = to - from > 1;
            for (int i = from; i < to && isWorthIt; i++) isWorthIt = volume.Prefetch(directories.InodeAt(i));
            for (int i = from; i < to && isWorthIt; i++)
            {
                bool isKnown = InodeReader.TryRead(volume, directories.InodeAt(i), _inode, out Inode inode).IsNone;
                if (isKnown && inode.Type == FileType.Directory) isWorthIt = _reader.Prefetch(in inode);
            }
        }

        public void Read(InodeNumber number, int index)
        {
            if (!InodeReader.Read(volume, number, _inode, out Inode inode))
            {
                IsLost = true;
                return;
            }

            if (inode.Type != FileType.Directory) return; // without file types in entries, only the inode tells
            var visitor = new Collect(this, wanted, index);
            IsLost |= !_reader.Read(in inode, ref visitor);
        }

        /// <summary>Entries without a file type (V4): every inode that could be a directory is looked at.</summary>
        private bool MayBeDirectory(in DirectoryEntry entry) => entry.FileType switch
        {
            DirectoryFileType.Directory => true,
            DirectoryFileType.Unknown =>
                InodeReader.TryRead(volume, entry.Inode, _child, out Inode inode) is { IsNone: false }
                || inode.Type == FileType.Directory,
            _ => false,
        };

        private readonly struct Collect(Worker worker, InodeSet? wanted, int directory) : IDirectoryVisitor
        {
            public void Entry(in DirectoryEntry entry)
            {
                bool isDirectory = worker.MayBeDirectory(in entry);
                bool isWanted = wanted is null || wanted.Contains(entry.Inode.Value);
                if (!isDirectory && !isWanted) return;
                var link = new Link(entry.Inode.Value, directory, entry.Name.ToArray());
                if (isWanted) worker.Links.Add(link);
                if (isDirectory) worker.Children.Add(link);
            }
        }
    }
}
