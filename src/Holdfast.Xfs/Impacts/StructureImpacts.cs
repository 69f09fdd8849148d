// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>Impacts on what belongs to no inode: headers, btrees, inode chunks, the log, copy-on-write
/// staging.</summary>
internal sealed class StructureImpacts(XfsVolume volume)
{
    private readonly Dictionary<uint, StructureNames> _names = [];
    private readonly XfsVolume _own = volume.WithOwnFaults();

    /// <summary>False where lost inodes could not be told.</summary>
    public bool IsComplete { get; private set; } = true;

    public IEnumerable<Impact> Of(Piece piece)
    {
        OwnerKind owner = RmapRow.OwnerOf(piece.Record.Owner);
        return owner switch
        {
            OwnerKind.Filesystem => HeaderWords.Explain(
                piece.Extent.Ag, volume.Geometry.ByteOf(piece.Extent.Ag, new(0)), volume.Geometry.SectorSize,
                piece.Bytes),
            OwnerKind.Ag or OwnerKind.InodeBtree or OwnerKind.RefcountBtree => OfBtree(owner, piece),
            OwnerKind.Inodes => [OfInodes(piece)],
            OwnerKind.Log => [Impact.On(owner, piece.Bytes, Severity.Metadata, Costs.OfStructure(owner, null),
                "log")],
            OwnerKind.CowStaging => [Impact.On(owner, piece.Bytes, Severity.Harmless, Costs.CowStaging,
                "copy-on-write staging")],
            _ => [Impact.On(OwnerKind.Unknown, piece.Bytes, Severity.Metadata, Costs.Unknown)],
        };
    }

    /// <summary>Cut by block, because neighbours can belong to different trees; equal neighbours are one
    /// impact.</summary>
    private IEnumerable<Impact> OfBtree(OwnerKind owner, Piece piece)
    {
        Geometry geometry = volume.Geometry;
        if (!_names.TryGetValue(piece.Extent.Ag, out StructureNames? names))
        {
            _names[piece.Extent.Ag] = names = new StructureNames(_own, _own.Group(piece.Extent.Ag));
        }

        long at = piece.Bytes.Offset;
        while (at < piece.Bytes.End)
        {
            string? word = names.Of(geometry.BlockAt(at).Block);
            long end = at;
            do
            {
                end = Math.Min(piece.Bytes.End, (end >> geometry.BlockLog) + 1 << geometry.BlockLog);
            }
            while (end < piece.Bytes.End && names.Of(geometry.BlockAt(end).Block) == word);
            Severity severity = word == "free list block" ? Severity.Harmless : Severity.Metadata;
            yield return Impact.On(
                owner, ByteRange.FromTo(at, end), severity, Costs.OfStructure(owner, word),
                $"{word ?? Unnamed(owner)} of group {piece.Extent.Ag}");
            at = end;
        }
    }

    private static string Unnamed(OwnerKind owner) => owner switch
    {
        OwnerKind.InodeBtree => "inobt or finobt",
        OwnerKind.RefcountBtree => "refcountbt",
        _ => "bnobt, cntbt or rmapbt",
    };

    private Impact OfInodes(Piece piece)
    {
        Impact impact = Impact.On(OwnerKind.Inodes, piece.Bytes, Severity.Metadata, Costs.InodeChunk,
            "inode chunk");
        List<ulong>? inodes = new LostInodeFinder(volume).InodesIn(piece.Extent.Ag, piece.Bytes);
        IsComplete &= inodes is not null;
        if (inodes is null) return impact;
        return impact with
        {
            Severity = inodes.Count > 0 ? Severity.Metadata : Severity.Harmless,
            Cost = inodes.Count > 0 ? Costs.InodeChunk : Costs.FreeInodes,
            LostInodes = [.. inodes.Select(i => new LostInode(i, [], [], false))],
        };
    }
}
