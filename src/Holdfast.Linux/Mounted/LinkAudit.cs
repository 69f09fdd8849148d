// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Mounted;

/// <summary>An inode that surviving directories name less often than it should be named.</summary>
/// <param name="Parent">For a directory: where its ".." leads, which is the directory that lost it; else null.</param>
internal readonly record struct Orphan(ulong Inode, string TypeWord, ulong? Parent);

/// <summary>
/// Finds the orphans that lost directory blocks leave: every inode says how many names it should have, every directory
/// that can be read says which names it gives.
/// </summary>
internal sealed class LinkAudit(MountedXfs xfs)
{
    /// <summary>An inode could not be read, which may be an orphan or name some.</summary>
    internal bool IsLost { get; private set; }

    /// <exception cref="Interop.KernelRefusal">An inode btree cannot be read.</exception>
    internal List<Orphan> Run(CancellationToken cancellationToken)
    {
        ulong root = new MountedInodes(xfs).Root();
        var pass = new DirectoryPass(xfs);
        Reader[] readers = pass.Run(() => new Reader(), cancellationToken);
        var named = new Dictionary<ulong, uint>();
        var parents = new Dictionary<ulong, ulong>();
        foreach (Reader reader in readers)
        {
            foreach (ulong inode in reader.Named) named[inode] = named.GetValueOrDefault(inode) + 1;
            foreach ((ulong directory, ulong parent) in reader.Parents) parents[directory] = parent;
        }

        var orphans = new List<Orphan>();
        foreach (Reader reader in readers)
        {
            foreach (MountedInode inode in reader.Inodes)
            {
                uint links = inode.IsDirectory ? Math.Min(1, inode.Links) : inode.Links;
                if (inode.Number == root || named.GetValueOrDefault(inode.Number) >= links) continue;
                ulong? parent = parents.TryGetValue(inode.Number, out ulong up) ? up : null;
                orphans.Add(new(inode.Number, inode.TypeWord, parent));
            }
        }

        IsLost = pass.UnreadInodes > 0;
        return orphans;
    }

    private sealed class Reader : IDirectoryReader
    {
        internal List<MountedInode> Inodes { get; } = [];

        internal List<ulong> Named { get; } = [];

        internal List<(ulong Directory, ulong Parent)> Parents { get; } = [];

        public void Inode(in MountedInode inode) => Inodes.Add(inode);

        public void Entry(ulong directory, ulong inode, byte type, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual(".."u8)) Parents.Add((directory, inode));
            else Named.Add(inode);
        }
    }
}
