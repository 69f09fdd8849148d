// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// From bad ranges to impacts: owners from the reverse map, then inodes, then paths. The volume's source must already
/// refuse to read the bad ranges, so that nothing here rests on them.
/// </summary>
public sealed class Locator(XfsVolume volume, bool useRmapbt = true)
{
    /// <summary>Inodes that one thread looks at before it asks for more.</summary>
    private const int InodesPerPiece = 64;

    private bool _complete = true;

    /// <param name="bad">Bytes of the data device; what lies past the filesystem is answered as outside.</param>
    public LocateAnswer Locate(
        ByteRangeSet bad, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var filesystem = new ByteRange(0, volume.Geometry.DataLength);
        ByteRangeSet inside = ByteRangeSet.From(bad.Within(filesystem));
        OwnershipAnswer owners = new ReverseMap.ReverseMap(volume, useRmapbt).OwnersOf(inside, progress,
            cancellationToken);
        _complete &= owners.IsComplete;

        var impacts = new List<Impact>();
        var byInode = new Dictionary<ulong, List<Piece>>();
        var covered = new List<ByteRange>();
        var structures = new StructureImpacts(volume);
        var cutter = new PieceCutter(volume, inside);
        foreach (Piece piece in cutter.Cut(owners.Extents))
        {
            covered.Add(piece.Bytes);
            if (!piece.Record.IsInode)
            {
                impacts.AddRange(structures.Of(piece));
                continue;
            }

            if (!byInode.TryGetValue(piece.Record.Owner, out List<Piece>? pieces))
            {
                byInode[piece.Record.Owner] = pieces = [];
            }
            pieces.Add(piece);
        }

        impacts.AddRange(new UnownedImpacts(volume, owners).Of(inside, ByteRangeSet.From(covered), out bool unowned));
        _complete &= unowned && structures.IsComplete;
        foreach (ByteRange outside in bad.Except(ByteRangeSet.From([filesystem])))
        {
            impacts.Add(Impact.On(OwnerKind.Outside, outside, Severity.Harmless, Costs.Outside));
        }

        InodeFinding[] findings = OfInodes(byInode, cancellationToken);
        foreach (InodeFinding finding in findings) impacts.AddRange(finding.Impacts);
        impacts = new ImpactNaming(volume).Name(impacts, findings, out bool named, cancellationToken);
        _complete &= named;
        impacts.Sort(Impact.InDeviceOrder);
        return new(impacts, _complete && !volume.Faults.HasOpenFaults, volume.Faults.ToList());
    }

    private InodeFinding[] OfInodes(Dictionary<ulong, List<Piece>> byInode, CancellationToken cancellationToken)
    {
        // In inode order, so that neighbours share the page cache.
        ulong[] numbers = new ulong[byInode.Count];
        byInode.Keys.CopyTo(numbers, 0);
        if (numbers.Length > 1) Array.Sort(numbers);
        var findings = new InodeFinding[numbers.Length];
        new Crew<InodeImpacts>(() => new InodeImpacts(volume)).Run(
            (numbers.Length + InodesPerPiece - 1) / InodesPerPiece,
            (worker, piece) =>
            {
                int end = Math.Min((piece + 1) * InodesPerPiece, numbers.Length);
                for (int i = piece * InodesPerPiece; i < end && volume.Prefetch(new(numbers[i])); i++)
                {
                }

                for (int i = piece * InodesPerPiece; i < end; i++)
                {
                    findings[i] = worker.Of(numbers[i], byInode[numbers[i]]);
                }

                return true;
            },
            cancellationToken);
        return findings;
    }
}
