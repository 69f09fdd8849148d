// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
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
        var map = new Mappings();
        ForkWalk.Run(volume, in view, ForkKind.Data, ref map);
        map.Found.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        long at = 0;
        foreach (Mapping mapping in map.Found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Math.Max(at, Math.Min(size, BytesOf(mapping.Offset)));
            long end = Math.Min(size, BytesOf(mapping.End));
            if (start >= end) continue;
            Fill(output, start - at, 0, cancellationToken);
            if (mapping.IsLost)
            {
                Fill(output, end - start, fill, cancellationToken);
                Lose(start, end - start, "the mapping of these bytes is lost");
            }
            else if (mapping.IsUnwritten)
            {
                Fill(output, end - start, 0, cancellationToken);
            }
            else
            {
                long device = volume.Geometry.ByteOf(mapping.Start) + (start - BytesOf(mapping.Offset));
                Copy(output, device, start, end - start, cancellationToken);
            }

            at = end;
        }

        Fill(output, size - at, 0, cancellationToken);
    }

    private long BytesOf(ulong fileBlock) =>
        fileBlock >= (ulong)(long.MaxValue >> volume.Geometry.BlockLog)
            ? long.MaxValue
            : (long)(fileBlock << volume.Geometry.BlockLog);

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

    private readonly record struct Mapping(ulong Offset, ulong End, FsBlock Start, bool IsUnwritten, bool IsLost);

    private readonly struct Mappings() : IExtentVisitor
    {
        public List<Mapping> Found { get; } = [];

        public bool Wants(int level, ulong first, ulong end) => true;

        public void Extent(in ExtentRecord extent) =>
            Found.Add(new(extent.Offset.Value, extent.OffsetEnd, extent.Start, extent.Unwritten, IsLost: false));

        public void MapBlock(FsBlock block, int level, ulong first, ulong end)
        {
        }

        public void Lost(FsBlock block, ulong first, ulong end) =>
            Found.Add(new(first, end, FsBlock.Null, IsUnwritten: false, IsLost: true));
    }
}
