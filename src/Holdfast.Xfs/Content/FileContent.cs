// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Content;

/// <summary>
/// Reads a regular file from its first byte to its last, as read(2) would: holes and unwritten extents are zeros. What
/// cannot be had is filled, named, and goes on behind it, sector by sector.
/// </summary>
public sealed class FileContent(XfsVolume volume, byte fill = 0)
{
    private const int PieceSize = 1 << 20;

    private readonly byte[] _piece = new byte[PieceSize];
    private readonly List<LostContent> _lost = [];

    /// <summary>What was filled, in file order, neighbours joined.</summary>
    public IReadOnlyList<LostContent> Lost => _lost;

    /// <summary>Writes the whole content of an inode.</summary>
    /// <param name="inode">A regular file that is not realtime.</param>
    public void CopyTo(Stream output, InodeNumber inode, CancellationToken cancellationToken = default)
    {
        byte[] buffer = new byte[volume.Geometry.InodeSize];
        if (!InodeReader.Read(volume, inode, buffer, out Inode view)) return;
        long size = view.Size;
        long at = 0;
        foreach (FilePiece piece in FileMap.Read(volume, in view).Pieces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long length = piece.End - piece.Offset;
            Fill(output, piece.Offset - at, 0, cancellationToken);
            switch (piece.Kind)
            {
                case FilePieceKind.Lost:
                    Fill(output, length, fill, cancellationToken);
                    Lose(piece.Offset, length, "the mapping of these bytes is lost");
                    break;
                case FilePieceKind.Unwritten:
                    Fill(output, length, 0, cancellationToken);
                    break;
                default:
                    Copy(output, piece.Place, piece.Offset, length, cancellationToken);
                    break;
            }

            at = piece.End;
        }

        Fill(output, size - at, 0, cancellationToken);
    }

    private void Copy(Stream output, long device, long offset, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int piece = (int)Math.Min(length, PieceSize);
            Span<byte> bytes = _piece.AsSpan(0, piece);
            ReadFault fault = volume.Data.Read(device, bytes);
            if (!fault.IsNone) ReadSectors(device, offset, bytes);
            output.Write(bytes);
            device += piece;
            offset += piece;
            length -= piece;
        }
    }

    /// <summary>One bad sector costs itself and nothing else.</summary>
    private void ReadSectors(long device, long offset, Span<byte> bytes)
    {
        int sector = Math.Max(DiskAddress.Size, volume.Data.SectorSize);
        for (int at = 0; at < bytes.Length;)
        {
            int part = (int)Math.Min(bytes.Length - at, sector - (device + at) % sector);
            Span<byte> one = bytes.Slice(at, part);
            ReadFault fault = volume.Data.Read(device + at, one);
            if (!fault.IsNone)
            {
                one.Fill(fill);
                Lose(offset + at, part, fault.ToString());
            }

            at += part;
        }
    }

    private void Fill(Stream output, long length, byte value, CancellationToken cancellationToken)
    {
        if (length <= 0) return;
        _piece.AsSpan(0, (int)Math.Min(length, PieceSize)).Fill(value);
        for (; length > 0; length -= PieceSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(_piece.AsSpan(0, (int)Math.Min(length, PieceSize)));
        }
    }

    private void Lose(long offset, long length, string why)
    {
        if (_lost.Count > 0 && _lost[^1].Range.End == offset && _lost[^1].Why == why)
        {
            offset = _lost[^1].Range.Offset;
            length += _lost[^1].Range.Length;
            _lost.RemoveAt(_lost.Count - 1);
        }

        _lost.Add(new(new(offset, length), why));
    }
}
