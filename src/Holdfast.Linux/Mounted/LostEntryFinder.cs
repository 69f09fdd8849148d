// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// The entries that are stored in bad blocks of directories. As long as the kernel still has a block in memory, or the
/// medium still gives it, it names them itself; else their children's parent pointers do, or the orphans they leave.
/// </summary>
internal sealed class LostEntryFinder(MountedXfs xfs)
{
    private readonly Dictionary<ulong, List<LostEntry>> _entries = [];

    /// <summary>False where it cannot be said for certain which entries were lost.</summary>
    internal bool IsComplete { get; private set; } = true;

    internal IReadOnlyList<LostEntry> Of(ulong directory) => _entries.GetValueOrDefault(directory, []);

    /// <param name="hits">By directory: bytes of its blocks that were hit, in the directory file.</param>
    /// <exception cref="Interop.KernelRefusal">An inode btree cannot be read.</exception>
    internal void Find(
        IReadOnlyDictionary<MountedInode, SortedSet<long>> hits, CancellationToken cancellationToken)
    {
        var opener = new InodeOpener(xfs);
        var unreadable = new List<MountedInode>();
        using var entries = new DirectoryEntries(xfs);
        foreach ((MountedInode directory, SortedSet<long> blocks) in hits)
        {
            var lost = new List<LostEntry>();
            using SafeFileHandle? file = opener.Open(directory);
            bool isRead = file is not null && blocks.All(block => entries.ForEachIn(
                file, block, (inode, type, name) =>
                {
                    if (IsOwn(name)) return;
                    lost.Add(new(inode, FileTypeWords.OfEntry(type), new PathName(name.ToArray())));
                }));
            if (isRead) _entries[directory.Number] = [.. lost.OrderBy(entry => entry.Name)];
            else unreadable.Add(directory);
        }

        if (unreadable.Count == 0) return;
        if (xfs.Geometry.HasParentPointers) FindByParents(unreadable, opener, entries, cancellationToken);
        else FindOrphans(unreadable, cancellationToken);
    }

    /// <summary>"." and "..": every directory has them, and they lead to nobody else.</summary>
    private static bool IsOwn(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);

    private void FindByParents(
        List<MountedInode> directories, InodeOpener opener, DirectoryEntries entries,
        CancellationToken cancellationToken)
    {
        var audit = new ParentAudit(xfs, directories.Select(at => at.Number).ToHashSet());
        ILookup<ulong, LostEntry> claims = audit.Run(cancellationToken);
        IsComplete &= !audit.IsLost;
        foreach (MountedInode directory in directories)
        {
            var surviving = new HashSet<PathName>();
            using SafeFileHandle? file = opener.Open(directory);
            if (file is null) IsComplete = false;
            else entries.ForEach(file, directory.Size, (_, _, name) => surviving.Add(new(name.ToArray())));
            _entries[directory.Number] =
            [
                .. claims[directory.Number].Where(entry => !surviving.Contains(entry.Name!.Value))
                    .OrderBy(entry => entry.Name),
            ];
        }
    }

    /// <summary>Only a directory knows its parent: any other may have been in each of the damaged ones.</summary>
    private void FindOrphans(List<MountedInode> directories, CancellationToken cancellationToken)
    {
        var audit = new LinkAudit(xfs);
        List<Orphan> orphans = audit.Run(cancellationToken);
        IsComplete &= directories.Count == 1 && !audit.IsLost;
        ulong first = directories.Min(at => at.Number);
        foreach (MountedInode directory in directories) _entries[directory.Number] = [];
        foreach (Orphan orphan in orphans)
        {
            if (orphan.Parent is { } parent && !_entries.ContainsKey(parent)) continue;
            bool isCertain = orphan.Parent is not null || directories.Count == 1;
            _entries[orphan.Parent ?? first].Add(new(orphan.Inode, orphan.TypeWord, null, isCertain));
        }
    }
}
