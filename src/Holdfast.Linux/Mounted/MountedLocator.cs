// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>What bad ranges mean to a mounted filesystem, as far as the kernel can say.</summary>
/// <param name="Impacts">In device order; bytes with several owners have one impact for each.</param>
/// <param name="Gaps">Why the answer is incomplete; none where it is whole.</param>
public sealed record MountedAnswer(IReadOnlyList<Impact> Impacts, IReadOnlyList<string> Gaps)
{
    /// <summary>
    /// Of the inodes that own what was hit, as far as they could be read: with its generation a number names one file,
    /// and never the next one in its place.
    /// </summary>
    public IReadOnlyDictionary<ulong, MountedInode> Inodes { get; init; } = new Dictionary<ulong, MountedInode>();
}

/// <summary>
/// From bad ranges to impacts on a mounted XFS, by asking the kernel: owners from its reverse map, then inodes, then
/// paths. Root only.
/// </summary>
/// <param name="index">For where the kernel has no reverse map; null: what is in use has unknown owners there.</param>
public sealed class MountedLocator(MountedXfs xfs, MountedIndex? index = null)
{
    private readonly List<string> _gaps = [];

    /// <param name="bad">Bytes of one of its devices; what lies past the filesystem is answered as outside.</param>
    /// <exception cref="KernelRefusal">The filesystem has shut down, or the caller is not root.</exception>
    public MountedAnswer Locate(DeviceRole device, ByteRangeSet bad, CancellationToken cancellationToken = default)
    {
        var filesystem = new ByteRange(0, LengthOf(device));
        ByteRangeSet inside = ByteRangeSet.From(bad.Within(filesystem));
        var owners = new MountedOwners(xfs, index);
        owners.Find(device, inside, cancellationToken);
        _gaps.AddRange(owners.Gaps);

        var structures = new MountedStructures(xfs);
        var content = new MountedContent(xfs);
        var impacts = new List<Impact>();
        foreach (MountedPiece piece in owners.Pieces)
        {
            if (piece.Row.Owner != OwnerKind.Inode) impacts.AddRange(structures.Of(piece));
            else impacts.Add(content.Of(piece, owners.Inodes[piece.Row.Inode]));
        }

        foreach (ByteRange outside in bad.Except(ByteRangeSet.From([filesystem])))
        {
            Impact impact = Impact.On(OwnerKind.Outside, outside, Severity.Harmless, Costs.Outside);
            impacts.Add(impact with { Device = device });
        }

        Say(content, structures, impacts);
        impacts = new MountedNaming(xfs, index, _gaps).Name(impacts, owners.Inodes, cancellationToken);
        impacts.Sort(Impact.InDeviceOrder);
        return new(impacts, _gaps)
        {
            Inodes = owners.Inodes.Where(at => at.Value.Inode is not null)
                .ToDictionary(at => at.Key, at => at.Value.Inode!.Value),
        };
    }

    private long LengthOf(DeviceRole device) => device switch
    {
        DeviceRole.Data => xfs.Geometry.DataLength,
        DeviceRole.Realtime => xfs.Geometry.RealtimeBlocks * xfs.Geometry.BlockSize,
        _ => xfs.Geometry.LogBlocks * xfs.Geometry.BlockSize,
    };

    private void Say(MountedContent content, MountedStructures structures, List<Impact> impacts)
    {
        _gaps.AddRange(structures.Gaps.Distinct());
        foreach ((ulong inode, string why) in content.Unreadable) _gaps.Add($"inode {inode} cannot be read: {why}");
        foreach (ulong inode in content.BlockMapsHit)
        {
            _gaps.Add($"inode {inode}: which parts of it lie behind the lost block of its map the kernel does not say");
        }

        long unknown = impacts.Where(impact => impact.Owner == OwnerKind.Unknown).Sum(impact => impact.Length);
        if (unknown > 0) _gaps.Add($"{unknown} bytes are in use, and the kernel does not say by whom");
    }
}
