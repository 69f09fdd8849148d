// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Content;

/// <summary>
/// Where the bytes of a regular file are: pieces in file order that never overlap and end with the file. What lies
/// between them is a hole.
/// </summary>
internal sealed class FileMap
{
    /// <summary>What a file has more of is said to be lost: 32 bytes are kept of each.</summary>
    private const int PiecesMax = 1 << 24;

    private readonly List<FilePiece> _pieces;

    private FileMap(List<FilePiece> pieces) => _pieces = pieces;

    public IReadOnlyList<FilePiece> Pieces => _pieces;

    /// <param name="inode">A regular file that is not realtime. Damage of its block map goes to the volume's
    /// faults.</param>
    /// <param name="length">Only so many bytes from the first on are wanted.</param>
    public static FileMap Read(XfsVolume volume, in Inode inode, long length = long.MaxValue)
    {
        var walk = new Collect(volume.Geometry, Math.Min(inode.Size, length));
        ForkWalk.Run(volume, in inode, ForkKind.Data, ref walk);
        return new(InOrder(walk.Found));
    }

    /// <summary>The first piece that ends behind a byte of the file; as many as there are where none does.</summary>
    public int FirstEndingAfter(long offset)
    {
        int low = 0;
        int high = _pieces.Count;
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (_pieces[middle].End > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    /// <summary>A walk goes in file order; where it says the same bytes twice, the first word stands.</summary>
    private static List<FilePiece> InOrder(List<FilePiece> found)
    {
        found.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        long at = 0;
        int kept = 0;
        for (int i = 0; i < found.Count; i++)
        {
            FilePiece piece = found[i];
            if (piece.End <= at) continue;
            long skipped = Math.Max(0, at - piece.Offset);
            found[kept++] = piece with
            {
                Offset = piece.Offset + skipped,
                Place = piece.Kind == FilePieceKind.Written ? piece.Place + skipped : 0,
            };
            at = piece.End;
        }

        found.RemoveRange(kept, found.Count - kept);
        return found;
    }

    private readonly struct Collect(Geometry geometry, long size) : IExtentVisitor
    {
        public List<FilePiece> Found { get; } = [];

        public bool Wants(int level, ulong first, ulong end) => BytesOf(first) < size;

        public void Extent(in ExtentRecord extent) => Add(
            extent.Offset.Value, extent.OffsetEnd, extent.Unwritten ? 0 : geometry.ByteOf(extent.Start),
            extent.Unwritten ? FilePieceKind.Unwritten : FilePieceKind.Written);

        public void MapBlock(FsBlock block, int level, ulong first, ulong end)
        {
        }

        public void Lost(FsBlock block, ulong first, ulong end) => Add(first, end, 0, FilePieceKind.Lost);

        private void Add(ulong first, ulong end, long place, FilePieceKind kind)
        {
            var piece = new FilePiece(BytesOf(first), Math.Min(size, BytesOf(end)), place, kind);
            if (piece.Offset >= piece.End) return;
            if (Found.Count < PiecesMax) Found.Add(piece);
            else Found[^1] = new(Found[^1].Offset, size, 0, FilePieceKind.Lost);
        }

        private long BytesOf(ulong fileBlock) => fileBlock >= (ulong)(long.MaxValue >> geometry.BlockLog)
            ? long.MaxValue
            : (long)(fileBlock << geometry.BlockLog);
    }
}
