// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Mounted;

/// <summary>Puts to impacts on files of a mounted XFS the processes that use what was lost.</summary>
public static class MountedUsers
{
    /// <param name="impacts">Of the filesystem, by place in the file.</param>
    /// <param name="unread">Processes that could not be looked at.</param>
    public static IReadOnlyList<Impact> Add(
        MountedXfs xfs, IReadOnlyList<Impact> impacts, out int unread, CancellationToken cancellationToken = default)
    {
        // The data device is what stat(2) shows, also of a file on the realtime device.
        LostFile[] files =
        [
            .. impacts.Where(IsContent).GroupBy(impact => impact.Inode!.Value).Select(inode => new LostFile(
                xfs.Mount.Device, inode.Key, ByteRangeSet.From(inode.Select(PlaceInFile)))),
        ];
        FileUsersAnswer answer = FileUsers.Find(files, KernelRoots.Real, cancellationToken: cancellationToken);
        unread = answer.Unread.Count;
        var users = new Dictionary<ulong, IReadOnlyList<ProcessUse>>();
        for (int i = 0; i < files.Length; i++)
        {
            if (answer.Users[i].Count > 0) users[files[i].Inode] = answer.Users[i];
        }

        if (users.Count == 0) return impacts;
        return [.. impacts.Select(impact => IsContent(impact) && users.TryGetValue(impact.Inode!.Value, out var found)
            ? impact with { Processes = [.. found.Select(use => Of(use, PlaceInFile(impact)))] }
            : impact)];
    }

    private static bool IsContent(Impact impact) =>
        impact is { Owner: OwnerKind.Inode, Fork: ForkKind.Data, FileOffset: not null, FileType: "file" or null };

    private static ByteRange PlaceInFile(Impact impact) => new(impact.FileOffset!.Value, impact.Length);

    /// <summary>What it maps of one impact's bytes.</summary>
    private static ProcessUse Of(ProcessUse use, ByteRange place)
    {
        var mapped = new List<MappedBytes>(use.Mapped.Count);
        foreach (MappedBytes at in use.Mapped)
        {
            ByteRange part = new ByteRange(at.FileOffset, at.Length).Intersect(place);
            if (part.IsEmpty) continue;
            mapped.Add(at with
            {
                Address = at.Address + (ulong)(part.Offset - at.FileOffset), Length = part.Length,
                FileOffset = part.Offset,
            });
        }

        return use with { Mapped = mapped };
    }
}
