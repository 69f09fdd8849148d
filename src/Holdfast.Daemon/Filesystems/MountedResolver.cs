// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// Says what ranges of a mounted XFS are, by asking the kernel. Nothing is kept open between two questions: it must not
/// be us who keep an administrator from unmounting.
/// </summary>
internal sealed class MountedResolver(Holder holder, Mount mount) : IRangeResolver
{
    /// <summary>A map put together inode by inode is used again for so long; its age is said.</summary>
    private static readonly TimeSpan IndexAgeMax = TimeSpan.FromMinutes(5);

    private MountedIndex? _index;

    public Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
        long device, IReadOnlyList<ByteRange> asked, ByteRangeSet knownBad, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                using MountedXfs xfs = Open();
                return Resolve(xfs, device, asked, cancellationToken);
            },
            cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// On the caller's thread. Null where there is no reverse map to ask: to put one together is no matter of a moment.
    /// </summary>
    internal IReadOnlyList<ResolvedRange>? ResolveNow(
        long device, IReadOnlyList<ByteRange> asked, CancellationToken cancellationToken)
    {
        using MountedXfs xfs = Open();
        return xfs.Geometry.HasRmapbt ? Resolve(xfs, device, asked, cancellationToken) : null;
    }

    /// <summary>Between two looks another filesystem may have been mounted in its place.</summary>
    private MountedXfs Open()
    {
        MountedXfs xfs = MountedXfs.Open(mount);
        bool isOther = Guid.TryParse(holder.Filesystem?.Uuid, out Guid held) && held != xfs.Geometry.Uuid;
        if (!isOther) return xfs;
        xfs.Dispose();
        throw new IOException($"another filesystem is mounted at {mount.MountPoint}");
    }

    private IReadOnlyList<ResolvedRange> Resolve(
        MountedXfs xfs, long device, IReadOnlyList<ByteRange> asked, CancellationToken cancellationToken)
    {
        ClaimedRange claimed = holder.Ranges.First(at => at.Device == device);
        var gaps = new List<string>();
        if (xfs.IsUnrecovered) gaps.Add("it is mounted norecovery: what only its log knows is missing");
        MountedIndex? index = xfs.Geometry.HasRmapbt ? null : Index(xfs, gaps, cancellationToken);
        ByteRange[] inside = [.. asked.Select(range => ToFilesystem(range.Intersect(claimed.Range), claimed))];
        // All ranges in one pass; each is then given what lies in it.
        var bad = ByteRangeSet.From(inside.Where(range => !range.IsEmpty));
        MountedAnswer answer = new MountedLocator(xfs, index).Locate(claimed.Role, bad, cancellationToken);
        gaps.AddRange(answer.Gaps);
        var parts = new ImpactParts(answer.Impacts, gaps.Count == 0 ? null : string.Join("; ", gaps));
        return [.. inside.Select(parts.Of)];
    }

    private static ByteRange ToFilesystem(ByteRange range, ClaimedRange claimed) =>
        range.IsEmpty ? default : new(range.Offset - claimed.Range.Offset, range.Length);

    private MountedIndex Index(MountedXfs xfs, List<string> gaps, CancellationToken cancellationToken)
    {
        if (_index is null || _index.Age > IndexAgeMax)
        {
            _index = MountedIndex.Build(xfs, cancellationToken: cancellationToken);
        }

        gaps.Add(
            $"it has no rmapbt: a map put together inode by inode {_index.Age.TotalSeconds:0} s ago was asked, which "
            + "has no block maps, symlinks, nor the filesystem's own inodes");
        return _index;
    }
}
