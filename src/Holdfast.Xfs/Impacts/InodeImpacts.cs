// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Paths;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>All that the bad ranges hit of one inode, and how many links it should have.</summary>
internal sealed record InodeFinding(WantedInode Wanted, IReadOnlyList<Impact> Impacts, bool HasLostEntries);

/// <summary>
/// Turns the pieces that belong to one inode into impacts: reads the inode for its type and size, and asks its block
/// map whether the reverse map is right. One worker's.
/// </summary>
internal sealed class InodeImpacts(XfsVolume volume)
{
    private readonly byte[] _buffer = new byte[volume.Geometry.InodeSize];

    public InodeFinding Of(ulong number, IReadOnlyList<Piece> pieces)
    {
        XfsVolume own = volume.WithOwnFaults();
        BlockFault fault = InodeReader.TryRead(own, new(number), _buffer, out Inode inode);
        if (fault.IsNone && inode.IsFree)
        {
            fault = BlockFault.Bad("di_mode", "0: the inode is free, but the reverse map gives it blocks");
        }
        if (!fault.IsNone)
        {
            long at = volume.Geometry.IsValid(new InodeNumber(number))
                ? volume.Geometry.ByteOf(new InodeNumber(number))
                : 0;
            volume.Faults.Add(fault, DeviceRole.Data, at, volume.Geometry.InodeSize, $"inode {number}");
            return new(new(number, null), [.. pieces.Select(p => ContentWords.OfUnreadable(Basic(number, p)))], false);
        }

        var data = new ForkPieces(own, pieces, attribute: false);
        var attribute = new ForkPieces(own, pieces, attribute: true);
        if (!inode.IsRealtime || !data.HasContent) data.Ask(in inode, ForkKind.Data);
        attribute.Ask(in inode, ForkKind.Attribute);
        bool agrees = data.Agrees && attribute.Agrees;
        if (agrees) volume.Faults.AddWorkedAround(own.Faults);
        else Disagree(own, number);

        string? system = SystemFiles.WordFor(volume.Geometry, in inode);
        var impacts = new List<Impact>(pieces.Count);
        bool lostEntries = false;
        foreach (Piece piece in pieces)
        {
            Impact impact = Basic(number, piece) with { FileType = inode.Type.Word(), FileSize = inode.Size };
            BlockMapWitness witness = piece.Record.IsAttributeFork ? attribute.Witness : data.Witness;
            impact = piece.Record switch
            {
                { IsBlockMap: true } => OfBlockMap(impact, piece, witness, inode.Size),
                { IsAttributeFork: true } => OfAttributes(impact, in inode),
                _ when system is not null => SystemFileWords.Explain(impact, system, volume.Geometry.BlockSize),
                _ => OfContent(impact, inode.Type, inode.Size),
            };
            lostEntries |= impact.Structure == DirectoryWords.Data;
            impacts.Add(impact);
        }

        return new(new(number, LinksOf(in inode, system)), impacts, lostEntries);
    }

    private uint? LinksOf(in Inode inode, string? system)
    {
        if (system is not null || inode.Number == volume.Geometry.RootInode) return 0;
        return inode.Type == FileType.Directory ? 1 : inode.Links;
    }

    private void Disagree(XfsVolume own, ulong number)
    {
        volume.Faults.AddAll(own.Faults);
        volume.Faults.Add(
            BlockFault.Bad("br_startblock", "the block map and the reverse map disagree"),
            DeviceRole.Data, volume.Geometry.ByteOf(new InodeNumber(number)), volume.Geometry.InodeSize,
            $"block map of inode {number}");
    }

    private Impact Basic(ulong number, Piece piece) => new()
    {
        Owner = OwnerKind.Inode,
        Physical = piece.Bytes.Offset,
        Length = piece.Bytes.Length,
        Severity = Severity.Metadata,
        Inode = number,
        Fork = piece.Record.IsAttributeFork ? ForkKind.Attribute : ForkKind.Data,
        FileOffset = piece.Record.IsBlockMap ? null : piece.FileOffset(volume.Geometry),
        Shared = piece.Shared,
        Unwritten = piece.Record.IsUnwritten,
        BlockMap = piece.Record.IsBlockMap,
    };

    private Impact OfBlockMap(Impact impact, Piece piece, BlockMapWitness witness, long size)
    {
        var lost = new List<ByteRange>();
        Geometry geometry = volume.Geometry;
        long first = impact.Physical >> geometry.BlockLog << geometry.BlockLog;
        for (long at = first; at < impact.Physical + impact.Length; at += geometry.BlockSize)
        {
            (uint ag, AgBlock block) = geometry.BlockAt(at);
            if (witness.Behind(geometry.FsBlockOf(ag, block)) is not { } behind) continue;
            long start = (long)behind.First << geometry.BlockLog;
            long end = behind.End >= ForkWalk.OffsetEnd || (long)behind.End << geometry.BlockLog > size
                ? size
                : (long)behind.End << geometry.BlockLog;
            if (end > start) lost.Add(ByteRange.FromTo(start, end));
        }

        return impact with { Structure = "bmbt", Cost = Costs.BlockMap, LostMappings = [.. ByteRangeSet.From(lost)] };
    }

    private Impact OfAttributes(Impact impact, in Inode inode)
    {
        if (impact.Unwritten) return impact with { Severity = Severity.Harmless, Cost = Costs.AttributeUnwritten };
        return AttributeImpacts.Explain(volume, in inode, impact) with { Cost = Costs.AttributeBlock };
    }

    private static Impact OfContent(Impact impact, FileType type, long size) => type switch
    {
        FileType.Directory => DirectoryWords.Explain(impact),
        FileType.Symlink => ContentWords.OfSymlink(impact, size),
        _ => ContentWords.OfFile(impact, size),
    };

    /// <summary>The pieces of one fork with what its block map says of them.</summary>
    private readonly struct ForkPieces
    {
        private readonly List<Piece> _pieces = [];

        public ForkPieces(XfsVolume own, IReadOnlyList<Piece> pieces, bool attribute)
        {
            foreach (Piece piece in pieces) if (piece.Record.IsAttributeFork == attribute) _pieces.Add(piece);
            Witness = new BlockMapWitness(own, _pieces);
        }

        public BlockMapWitness Witness { get; }

        public bool HasContent => _pieces.Exists(p => !p.Record.IsBlockMap);

        /// <summary>A map that cannot be read denies nothing.</summary>
        public bool Agrees => Witness.IsLost || Witness.ConfirmsAll();

        public void Ask(in Inode inode, ForkKind fork)
        {
            if (_pieces.Count > 0) Witness.Ask(in inode, fork);
        }
    }
}
