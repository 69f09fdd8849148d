// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>An inode that no directory names, which was still open when the filesystem stopped.</summary>
/// <param name="Size">Length in bytes.</param>
/// <param name="Blocks">Filesystem blocks.</param>
public readonly record struct UnlinkedInode(InodeNumber Number, FileType Type, long Size, ulong Blocks);

/// <summary>Walks the lists of unlinked inodes of every group. Bounded: no inode is visited twice.</summary>
public static class UnlinkedInodes
{
    /// <summary>More than this are counted by nobody: a list this long is a loop through garbage.</summary>
    private const int InodesMax = 1 << 24;

    /// <summary>By group and list, in the order of the lists. Faults go to the volume's.</summary>
    public static IReadOnlyList<UnlinkedInode> Read(XfsVolume volume, CancellationToken cancellationToken = default)
    {
        var found = new List<UnlinkedInode>();
        var visited = new HashSet<ulong>();
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (volume.Group(ag).Inodes is not { } header) continue;
            foreach (uint first in header.Unlinked) Follow(volume, ag, first, buffer, visited, found);
        }

        return found;
    }

    private static void Follow(
        XfsVolume volume, uint ag, uint first, byte[] buffer, HashSet<ulong> visited, List<UnlinkedInode> found)
    {
        for (uint next = first; next != AgInodeHeader.NullInode && found.Count < InodesMax;)
        {
            InodeNumber number = volume.Geometry.InodeOf(ag, next);
            if (!visited.Add(number.Value))
            {
                long offset = volume.Geometry.IsValid(number) ? volume.Geometry.ByteOf(number) : 0;
                volume.Faults.Add(
                    BlockFault.Bad("di_next_unlinked", "the list comes back to this inode"), DeviceRole.Data, offset,
                    volume.Geometry.InodeSize, $"inode {number}");
                return;
            }

            if (!InodeReader.Read(volume, number, buffer, out Inode inode)) return;
            found.Add(new(number, inode.Type, inode.Size, inode.Blocks));
            next = inode.NextUnlinked;
        }
    }
}
