// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// Asks a fork's own block map about what the reverse map says of it: two structures that must agree. Also learns
/// which file ranges lie behind the blocks of the map itself.
/// </summary>
internal sealed class BlockMapWitness
{
    private readonly record struct Claim(ulong First, ulong End, ulong Linear, int Index);

    private readonly XfsVolume _volume;
    private readonly List<Claim> _claims = [];
    private readonly Dictionary<ulong, (ulong First, ulong End)> _mapBlocks = [];
    private readonly bool _wantsMapBlocks;
    private readonly ulong[] _confirmed;

    public BlockMapWitness(XfsVolume volume, IReadOnlyList<Piece> pieces)
    {
        _volume = volume;
        _confirmed = new ulong[pieces.Count];
        for (int i = 0; i < pieces.Count; i++)
        {
            Piece piece = pieces[i];
            if (piece.Record.IsBlockMap)
            {
                _wantsMapBlocks = true;
                continue;
            }

            int log = volume.Geometry.BlockLog;
            ulong linear = (ulong)piece.Bytes.Offset >> log;
            ulong linearEnd = (ulong)(piece.Bytes.End + (1L << log) - 1) >> log;
            ulong first = (ulong)piece.FileOffset(volume.Geometry) >> log;
            _claims.Add(new(first, first + (linearEnd - linear), linear, i));
        }

        _claims.Sort((left, right) => left.First.CompareTo(right.First));
    }

    /// <summary>Part of the block map could not be read, so it cannot deny anything.</summary>
    public bool IsLost { get; private set; }

    public void Ask(in Inode inode, ForkKind fork)
    {
        var visitor = new Visitor(this);
        ForkWalk.Run(_volume, in inode, fork, ref visitor);
    }

    /// <summary>Does the block map say the same of every block of the piece?</summary>
    public bool Confirms(int piece)
    {
        foreach (Claim claim in _claims) if (claim.Index == piece) return _confirmed[piece] == claim.End - claim.First;
        return true;
    }

    public bool ConfirmsAll()
    {
        foreach (Claim claim in _claims) if (_confirmed[claim.Index] != claim.End - claim.First) return false;
        return true;
    }

    /// <summary>File blocks behind a block of the map; null where the map does not lead there.</summary>
    public (ulong First, ulong End)? Behind(FsBlock block) =>
        _mapBlocks.TryGetValue(block.Value, out (ulong, ulong) range) ? range : null;

    private int FirstClaimEndingAfter(ulong fileBlock)
    {
        int low = 0;
        int high = _claims.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            // Claims of one fork do not overlap, so ends are in order as starts are.
            if (_claims[middle].End > fileBlock) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private readonly struct Visitor(BlockMapWitness witness) : IExtentVisitor
    {
        public bool Wants(int level, ulong first, ulong end)
        {
            if (witness._wantsMapBlocks && level > 0) return true;
            int claim = witness.FirstClaimEndingAfter(first);
            return claim < witness._claims.Count && witness._claims[claim].First < end;
        }

        public void Extent(in ExtentRecord extent)
        {
            Geometry geometry = witness._volume.Geometry;
            ulong linear = (ulong)geometry.ByteOf(extent.Start) >> geometry.BlockLog;
            for (int i = witness.FirstClaimEndingAfter(extent.Offset.Value); i < witness._claims.Count; i++)
            {
                Claim claim = witness._claims[i];
                if (claim.First >= extent.OffsetEnd) return;
                // Equal if both put the fork's block 0 at the same place; wrap-around is harmless.
                if (linear - extent.Offset.Value != claim.Linear - claim.First) continue;
                ulong first = Math.Max(claim.First, extent.Offset.Value);
                witness._confirmed[claim.Index] += Math.Min(claim.End, extent.OffsetEnd) - first;
            }
        }

        public void MapBlock(FsBlock block, int level, ulong first, ulong end)
        {
            if (witness._wantsMapBlocks) witness._mapBlocks.TryAdd(block.Value, (first, end));
        }

        public void Lost(FsBlock block, ulong first, ulong end) => witness.IsLost = true;
    }
}
