// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>Told of a whole filesystem's directories. One thread's.</summary>
internal interface IDirectoryReader
{
    /// <summary>Every inode but those that cannot be read, directories too.</summary>
    void Inode(in MountedInode inode);

    /// <summary>"." is left out; ".." is told.</summary>
    void Entry(ulong directory, ulong inode, byte type, ReadOnlySpan<byte> name);
}

/// <summary>
/// One pass over all directories of a mounted XFS, in the order of their inodes, opened by handle: other filesystems
/// mounted on top of some hide nothing.
/// </summary>
internal sealed class DirectoryPass(MountedXfs xfs)
{
    private int _unreadBlocks;
    private int _unreadInodes;

    /// <summary>A directory, a part of one, or an inode that may be one could not be read.</summary>
    internal bool IsLost => _unreadBlocks > 0 || _unreadInodes > 0;

    internal int UnreadInodes => _unreadInodes;

    /// <summary>One reader a group; groups at the same time.</summary>
    /// <exception cref="KernelRefusal">An inode btree cannot be read.</exception>
    internal T[] Run<T>(Func<T> makeReader, CancellationToken cancellationToken)
        where T : class, IDirectoryReader
    {
        var readers = new T[xfs.Geometry.GroupCount];
        EveryGroup.Run(xfs, group => RunGroup(group, readers[group] = makeReader(), cancellationToken),
            cancellationToken);
        return readers;
    }

    private void RunGroup(uint group, IDirectoryReader reader, CancellationToken cancellationToken)
    {
        var opener = new InodeOpener(xfs);
        using var entries = new DirectoryEntries(xfs);
        void Read(MountedInode inode)
        {
            reader.Inode(in inode);
            if (!inode.IsDirectory) return;
            using SafeFileHandle? directory = opener.Open(inode);
            // One that was removed meanwhile has no entries either.
            if (directory is null) return;
            bool isWhole = entries.ForEach(directory, inode.Size, (child, type, name) =>
            {
                if (!name.SequenceEqual("."u8)) reader.Entry(inode.Number, child, type, name);
            });
            if (!isWhole) Interlocked.Increment(ref _unreadBlocks);
        }

        new MountedInodes(xfs).ForEach(group, Read, _ => Interlocked.Increment(ref _unreadInodes),
            cancellationToken);
    }
}
