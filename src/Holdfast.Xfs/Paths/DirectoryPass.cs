// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
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
        int level = first;
        var options = new ParallelOptions { CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = Environment.ProcessorCount };
        while (level < _directories.Count)
        {
            if (linksWanted is { } links && _linksFound >= links)
            {
                StoppedEarly = true;
                return;
            }

            int end = _directories.Count;
            var outcomes = new ConcurrentBag<Worker>();
            if (end - level == 1)
            {
                using var worker = new Worker(volume, wanted);
                worker.Read(_directories.InodeAt(level), level);
                outcomes.Add(worker);
            }
            else
            {
                Parallel.ForEach(
                    Partitioner.Create(level, end,
                        Math.Max(1, Math.Min(256, (end - level) / (4 * Environment.ProcessorCount)))),
                    options,
                    () => new Worker(volume, wanted),
                    (range, state, worker) =>
                    {
                        for (int i = range.Item1; i < range.Item2
                            && !state.IsStopped; i++) worker.Read(_directories.InodeAt(i), i);
                        if (linksWanted is { } most && Interlocked.Add(ref _linksFound, worker.TakeCount()) >= most)
                        {
                            state.Stop();
                        }
                        return worker;
                    },
                    worker =>
                    {
                        worker.Dispose();
                        outcomes.Add(worker);
                    });
            }

            level = end;
            foreach (Worker worker in outcomes) Merge(worker);
        }
    }

    /// <summary>The paths of a wanted inode, sorted.</summary>
    public IReadOnlyList<PathName> PathsOf(ulong inode)
    {
        if (!_found.TryGetValue(inode, out List<Link>? links)) return [];
        List<PathName> paths = [.. links.Select(l => _directories.PathOf(l.Directory, l.Name))];
        paths.Sort();
        return paths;
    }

    public IEnumerable<ulong> FoundInodes => _found.Keys;

    private void Merge(Worker worker)
    {
        IsLost |= worker.IsLost;
        Interlocked.Add(ref _linksFound, worker.TakeCount());
        foreach (Link link in worker.Links) Find(link);
        foreach (Link child in worker.Children)
        {
            if (_entered.Add(child.Inode)) _directories.Add(new(child.Inode), child.Directory, child.Name);
        }
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

        /// <summary>Links found since the last call.</summary>
        public int TakeCount()
        {
            int count = Links.Count - _counted;
            _counted = Links.Count;
            return count;
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
