// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>What all inodes' parent pointers say should be in some directories.</summary>
internal sealed class ParentAudit(MountedXfs xfs, IReadOnlySet<ulong> directories)
{
    private int _lost;

    /// <summary>An inode could not be asked.</summary>
    internal bool IsLost => _lost > 0;

    /// <exception cref="Interop.KernelRefusal">An inode btree cannot be read.</exception>
    internal ILookup<ulong, LostEntry> Run(CancellationToken cancellationToken)
    {
        var found = new List<(ulong Directory, LostEntry Entry)>[xfs.Geometry.GroupCount];
        EveryGroup.Run(xfs, group => found[group] = RunGroup(group, cancellationToken), cancellationToken);
        return found.SelectMany(group => group).ToLookup(at => at.Directory, at => at.Entry);
    }

    private List<(ulong, LostEntry)> RunGroup(uint group, CancellationToken cancellationToken)
    {
        var found = new List<(ulong, LostEntry)>();
        using var pointers = new ParentPointers(xfs);
        void Ask(MountedInode inode)
        {
            if (inode.Links == 0) return;
            if (pointers.Of(inode.Number, inode.Generation, out _) is not { } parents)
            {
                Interlocked.Increment(ref _lost);
                return;
            }

            foreach (MountedParent parent in parents)
            {
                if (!directories.Contains(parent.Directory)) continue;
                found.Add((parent.Directory, new(inode.Number, inode.TypeWord, new PathName(parent.Name))));
            }
        }

        new MountedInodes(xfs).ForEach(group, Ask, _ => Interlocked.Increment(ref _lost), cancellationToken);
        return found;
    }
}
