// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Policies;

namespace Holdfast.Daemon.Filesystems;

/// <summary>Who has a notice's lost bytes in memory now: only of a mounted filesystem can anybody have them.</summary>
/// <param name="nameOf">The node of a device of the ledger, as it is called today.</param>
internal sealed class LostBytesSearch(Func<long, CancellationToken, Task<string?>> nameOf)
{
    internal async Task<LostBytesUsers> FindUsersAsync(Notice notice, CancellationToken cancellationToken)
    {
        LostContent found = await FindContentAsync(notice, cancellationToken);
        return new([.. found.Impacts.SelectMany(impact => impact.Processes)], found.Gap);
    }

    /// <summary>What the bytes are, with their users.</summary>
    internal async Task<LostContent> FindContentAsync(Notice notice, CancellationToken cancellationToken)
    {
        string? name = await nameOf(notice.Device, cancellationToken);
        if (name is null) return new(null, false, [], "the device is not there now");
        return await Task.Run(() => Find(name, notice.Range, cancellationToken), cancellationToken);
    }

    private static LostContent Find(string name, ByteRange range, CancellationToken cancellationToken)
    {
        if (XfsInKernel.Mounted(name, KernelRoots.Real) is not { } mount)
        {
            return new(null, false, [], null);
        }

        if (MountedXfs.HasShutDown(mount))
        {
            return new(null, false, [], "the filesystem has shut down: nobody can be asked");
        }

        long start = BlockDevice.Find(KernelRoots.Real, mount.Device)?.LoopOffset ?? 0;
        if (range.End <= start) return new(mount, true, [], null);
        var inside = ByteRange.FromTo(Math.Max(0, range.Offset - start), range.End - start);
        using MountedXfs xfs = MountedXfs.Open(mount);
        MountedIndex? index = xfs.Geometry.HasRmapbt ? null : MountedIndex.Build(xfs, null, cancellationToken);
        MountedAnswer answer = new MountedLocator(xfs, index).Locate(
            DeviceRole.Data, ByteRangeSet.From([inside]), cancellationToken);
        IReadOnlyList<Impact> impacts = MountedUsers.Add(xfs, answer.Impacts, out int unread, cancellationToken);
        string? gap = unread == 0 ? null : $"{unread} processes could not be looked at";
        return new(mount, xfs.Geometry.HasRmapbt, impacts, gap);
    }
}
