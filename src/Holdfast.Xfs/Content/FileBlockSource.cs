// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Content;

/// <summary>
/// The content of a regular file, to be read as if it were a disk: an image. Holes and unwritten extents are zeros;
/// what the volume's own device refuses is refused here, and so are bytes whose mapping is lost. The block map is read
/// once. Borrows the volume.
/// </summary>
public sealed class FileBlockSource : IBlockSource
{
    private readonly XfsVolume _volume;
    private readonly FileMap _map;

    private FileBlockSource(XfsVolume volume, FileMap map, string name, long length)
    {
        _volume = volume;
        _map = map;
        Name = name;
        Length = length;
    }

    public string Name { get; }

    /// <summary>The file's size.</summary>
    public long Length { get; }

    /// <summary>That of the device below: what fails there fails in here.</summary>
    public int SectorSize => _volume.Data.SectorSize;

    /// <summary>Bytes of the file whose mapping is lost.</summary>
    public ByteRangeSet Unmapped => ByteRangeSet.From(_map.Pieces.Where(piece => piece.Kind == FilePieceKind.Lost)
        .Select(piece => ByteRange.FromTo(piece.Offset, piece.End)));

    /// <summary>The first sector of a regular file, without reading more of its map than leads there.</summary>
    /// <param name="sector">Filled; its content is undefined where this is false.</param>
    /// <returns>False where it cannot be had, or the file is shorter.</returns>
    public static bool ReadHead(XfsVolume volume, InodeNumber inode, Span<byte> sector)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.TryRead(volume, inode, buffer, out Inode view).IsNone) return false;
        if (view.Type != FileType.Regular || view.IsRealtime || view.Size < sector.Length) return false;
        FileMap map = FileMap.Read(volume, in view, sector.Length);
        return new FileBlockSource(volume, map, "", sector.Length).Read(0, sector).IsNone;
    }

    /// <param name="name">What people call the file.</param>
    /// <param name="why">Why it cannot be read; damage of its block map is none, and goes to the volume's
    /// faults.</param>
    /// <returns>Null where it is no regular file, lies on the realtime device, or its inode cannot be
    /// believed.</returns>
    public static FileBlockSource? Open(XfsVolume volume, InodeNumber inode, string name, out string why)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        BlockFault fault = InodeReader.TryRead(volume, inode, buffer, out Inode view);
        why = !fault.IsNone ? "its inode cannot be believed"
            : view.Type != FileType.Regular ? "it is no regular file"
            : view.IsRealtime ? "it lies on the realtime device, which is not read"
            : "";
        return why.Length > 0 ? null : new(volume, FileMap.Read(volume, in view), name, Math.Max(0, view.Size));
    }

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return ReadFault.AtEnd(offset, Length);
        for (int i = _map.FirstEndingAfter(offset); !buffer.IsEmpty; i++)
        {
            long next = i < _map.Pieces.Count ? _map.Pieces[i].Offset : Length;
            if (next > offset)
            {
                int hole = (int)Math.Min(next - offset, buffer.Length);
                buffer[..hole].Clear();
                offset += hole;
                buffer = buffer[hole..];
                if (buffer.IsEmpty) break;
            }

            FilePiece piece = _map.Pieces[i];
            int length = (int)Math.Min(piece.End - offset, buffer.Length);
            ReadFault fault = Read(in piece, offset, buffer[..length]);
            if (!fault.IsNone) return fault;
            offset += length;
            buffer = buffer[length..];
        }

        return ReadFault.None;
    }

    public bool Prefetch(long offset, long length)
    {
        if (offset < 0 || length > Length - offset) return false;
        bool passedOn = false;
        long end = offset + length;
        for (int i = _map.FirstEndingAfter(offset); i < _map.Pieces.Count && _map.Pieces[i].Offset < end; i++)
        {
            FilePiece piece = _map.Pieces[i];
            if (piece.Kind != FilePieceKind.Written) continue;
            long from = Math.Max(offset, piece.Offset);
            passedOn |= _volume.Data.Prefetch(piece.Place + (from - piece.Offset), Math.Min(end, piece.End) - from);
        }

        return passedOn;
    }

    public void Dispose()
    {
    }

    private ReadFault Read(in FilePiece piece, long offset, Span<byte> buffer)
    {
        if (piece.Kind == FilePieceKind.Lost) return new(ReadFaultKind.Unmapped, offset, 0);
        if (piece.Kind == FilePieceKind.Unwritten)
        {
            buffer.Clear();
            return ReadFault.None;
        }

        long place = piece.Place + (offset - piece.Offset);
        ReadFault fault = _volume.Data.Read(place, buffer);
        // A layer below may have met the fault before the first byte that was asked for.
        return fault.IsNone ? fault
            : fault with { Offset = offset + Math.Clamp(fault.Offset - place, 0, buffer.Length - 1) };
    }
}
