// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>An inode that surviving directories name less often than it should be named.</summary>
/// <param name="Parent">For a directory: where its ".." leads, which is the directory that lost it; else null.</param>
internal readonly record struct Orphan(ulong Inode, FileType Type, ulong? Parent);

/// <summary>
/// Finds the orphans that lost directory blocks leave, in one scan: every inode says how many names it should have,
/// every directory that can be read says which names it gives.
/// </summary>
internal sealed class LinkAudit(XfsVolume volume)
{
    private readonly record struct Expected(ulong Inode, uint Links, FileType Type, ulong Parent);

    private sealed class State(XfsVolume volume) : IDisposable
    {
        public DirectoryReader Reader { get; } = new(volume);

        public List<Expected> Inodes { get; } = [];

        public List<ulong> Named { get; } = [];

        public void Dispose() => Reader.Dispose();
    }

    /// <param name="complete">False where inodes could not be read, which may be orphans or name some.</param>
    public List<Orphan> Run(out bool complete, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<State> states = InodeScan.Run(
            volume, () => new State(volume), Visit, out complete, null, cancellationToken);
        List<Expected> inodes = [.. states.SelectMany(s => s.Inodes)];
        List<ulong> named = [.. states.SelectMany(s => s.Named)];
        foreach (State state in states) state.Dispose();
        inodes.Sort((left, right) => left.Inode.CompareTo(right.Inode));
        named.Sort();
        var orphans = new List<Orphan>();
        int next = 0;
        foreach (Expected inode in inodes)
        {
            while (next < named.Count && named[next] < inode.Inode) next++;
            uint found = 0;
            for (; next < named.Count && named[next] == inode.Inode; next++) found++;
            if (found < inode.Links) orphans.Add(new(inode.Inode, inode.Type, inode.Parent == 0 ? null : inode.Parent));
        }

        return orphans;
    }

    private void Visit(in Inode inode, State state)
    {
        bool isDirectory = inode.Type == FileType.Directory;
        ulong parent = 0;
        if (isDirectory)
        {
            var visitor = new Names(state.Named);
            state.Reader.Read(in inode, ref visitor);
            parent = DirectoryParent.Of(volume, in inode);
        }

        bool isSystem = SystemFiles.WordFor(volume.Geometry, in inode) is not null;
        if (isSystem || inode.Number == volume.Geometry.RootInode) return;
        uint links = isDirectory ? Math.Min(1, inode.Links) : inode.Links;
        state.Inodes.Add(new(inode.Number.Value, links, inode.Type, parent));
    }

    private readonly struct Names(List<ulong> named) : IDirectoryVisitor
    {
        public void Entry(in DirectoryEntry entry) => named.Add(entry.Inode.Value);
    }
}
