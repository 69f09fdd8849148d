// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>The entries that directories lost with their bad blocks.</summary>
/// <param name="ByDirectory">
/// By directory inode. Entries that may belong to any of several directories stand once, with the first of them.
/// </param>
/// <param name="IsComplete">False where it cannot be said for certain which entries were lost.</param>
internal sealed record LostEntries(IReadOnlyDictionary<ulong, List<LostEntry>> ByDirectory, bool IsComplete);

/// <summary>
/// Names what cannot be found any more: from the children's parent pointers where the filesystem has them, else the
/// orphans that the lost blocks leave.
/// </summary>
internal sealed class LostEntryFinder(XfsVolume volume)
{
    public LostEntries Find(IReadOnlySet<ulong> directories, CancellationToken cancellationToken)
    {
        XfsVolume own = volume.WithOwnFaults();
        LostEntries found = volume.Features.ParentPointers
            ? new ParentPointerAudit(own).Run(directories, cancellationToken)
            : FindOrphans(own, directories, cancellationToken);
        if (found.IsComplete) volume.Faults.AddWorkedAround(own.Faults);
        else volume.Faults.AddAll(own.Faults);
        return found;
    }

    private static LostEntries FindOrphans(
        XfsVolume own, IReadOnlySet<ulong> directories, CancellationToken cancellationToken)
    {

        List<Orphan> orphans = new LinkAudit(own).Run(out bool complete, cancellationToken);
        var found = directories.ToDictionary(d => d, _ => new List<LostEntry>());
        foreach (Orphan orphan in orphans)
        {
            var entry = new LostEntry(orphan.Inode, orphan.Type.Word(), null, orphan.Parent is not null
                || directories.Count == 1);
            if (orphan.Parent is { } parent)
            {
                if (found.TryGetValue(parent, out List<LostEntry>? entries)) entries.Add(entry);
                continue;
            }

            // Only a directory knows its parent: any other orphan may have been in each of the damaged ones.
            found[directories.Min()].Add(entry);
        }

        return new(found, complete && directories.Count == 1);
    }
}
