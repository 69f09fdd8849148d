// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// The entries that directories lost, by name: what every inode's parent pointers say should be in them, less what can
/// still be read.
/// </summary>
internal sealed class ParentPointerAudit(XfsVolume volume)
{
    private readonly record struct Claim(ulong Directory, ulong Inode, FileType Type, PathName Name);

    private sealed class State(XfsVolume volume) : IDisposable
    {
        public ParentPointerReader Reader { get; } = new(volume);

        public List<Claim> Claims { get; } = [];

        public bool IsLost { get; set; }

        public void Dispose() => Reader.Dispose();
    }

    public LostEntries Run(IReadOnlySet<ulong> directories, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<State> states = InodeScan.Run(
            volume,
            () => new State(volume),
            (in Inode inode, State state) => Visit(in inode, state, directories),
            out bool complete, null, cancellationToken);
        foreach (State state in states)
        {
            complete &= !state.IsLost;
            state.Dispose();
        }

        ILookup<ulong, Claim> claims = states.SelectMany(s => s.Claims).ToLookup(c => c.Directory);
        var lost = new Dictionary<ulong, List<LostEntry>>();
        foreach (ulong directory in directories)
        {
            HashSet<PathName>? surviving = Surviving(directory);
            complete &= surviving is not null;
            lost[directory] =
            [
                .. claims[directory].Where(c => surviving is null || !surviving.Contains(c.Name)).OrderBy(c => c.Name)
                    .Select(c => new LostEntry(c.Inode, c.Type.Word(), c.Name)),
            ];
        }

        return new(lost, complete);
    }

    private static void Visit(in Inode inode, State state, IReadOnlySet<ulong> directories)
    {
        if (state.Reader.Read(in inode) is not { } links)
        {
            state.IsLost = true;
            return;
        }

        foreach (ParentLink link in links)
        {
            if (directories.Contains(link.Parent))
            {
                state.Claims.Add(new(link.Parent, inode.Number.Value, inode.Type, new(link.Name)));
            }
        }
    }

    private HashSet<PathName>? Surviving(ulong directory)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.TryRead(volume, new(directory), buffer, out Inode inode).IsNone) return null;
        using var reader = new DirectoryReader(volume);
        var names = new Names([]);
        reader.Read(in inode, ref names);
        return names.Found;
    }

    private readonly struct Names(HashSet<PathName> found) : IDirectoryVisitor
    {
        public HashSet<PathName> Found => found;

        public void Entry(in DirectoryEntry entry) => found.Add(new(entry.Name.ToArray()));
    }
}
