// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Linux.Media;

/// <summary>What a careful reading of a range found.</summary>
/// <param name="Bad">Sectors that the medium does not give.</param>
/// <param name="Unsure">What was not read for another reason than the medium: nothing is said of it.</param>
/// <param name="IsGone">The device went away.</param>
public sealed record SectorFindings(ByteRangeSet Bad, ByteRangeSet Unsure, bool IsGone);

/// <summary>
/// Reads ranges down to the logical sector, no sector that fails more often than need be: a sick disk takes up to a
/// minute for each try. A failed read is halved, and its last piece gone through sector by sector.
/// </summary>
public sealed class BadSectorSearch(IMediaReader reader)
{
    /// <summary>
    /// Bytes below which sectors are read one by one: a few good sectors more are read in less time than one bad one.
    /// </summary>
    private const int SinglyMax = 32 << 10;

    private readonly List<ByteRange> _bad = [];
    private readonly List<ByteRange> _unsure = [];
    private bool _isGone;

    /// <summary>How far the last range was decided, byte by byte; for whoever told it to stop in the middle.</summary>
    public long DoneTo { get; private set; }

    /// <summary>What was found, also where it was told to stop in the middle.</summary>
    public SectorFindings Found => new(ByteRangeSet.From(_bad), ByteRangeSet.From(_unsure), _isGone);

    /// <param name="ranges">Widened to whole sectors; what lies past the end of the device is left out.</param>
    /// <exception cref="OperationCanceledException">It was told to stop: <see cref="Found"/> has what it came
    /// to.</exception>
    public SectorFindings Run(ByteRangeSet ranges, CancellationToken cancellationToken = default)
    {
        _bad.Clear();
        _unsure.Clear();
        _isGone = false;
        foreach (ByteRange range in ranges)
        {
            ByteRange asked = Widened(range);
            ByteRange whole = asked.Intersect(new(0, reader.Length));
            // What lies past the end was not read, and is not called good.
            long behind = Math.Max(asked.Offset, reader.Length);
            if (asked.End > behind) _unsure.Add(ByteRange.FromTo(behind, asked.End));
            DoneTo = whole.Offset;
            for (long at = whole.Offset; at < whole.End; at += SectorReader.ReadMax)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_isGone) _unsure.Add(ByteRange.FromTo(at, whole.End));
                if (_isGone) break;
                Look(at, (int)Math.Min(SectorReader.ReadMax, whole.End - at), cancellationToken);
            }
        }

        return Found;
    }

    private ByteRange Widened(ByteRange range)
    {
        long sector = reader.SectorSize;
        return ByteRange.FromTo(range.Offset / sector * sector, (range.End + sector - 1) / sector * sector);
    }

    private void Look(long offset, int length, CancellationToken cancellationToken)
    {
        while (length > 0 && !_isGone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int got = reader.Read(offset, length, out int errno);
            offset += got;
            length -= got;
            DoneTo = offset;
            if (errno == 0) return;
            switch (MediaErrors.Of(MediaOperation.Read, errno))
            {
                case MediaMeaning.Bad when length > reader.SectorSize:
                    Divide(offset, length, cancellationToken);
                    return;
                case MediaMeaning.Bad:
                    _bad.Add(new(offset, length));
                    DoneTo = offset + length;
                    return;
                case MediaMeaning.Gone:
                    _isGone = true;
                    _unsure.Add(new(offset, length));
                    return;
                default:
                    _unsure.Add(new(offset, length));
                    DoneTo = offset + length;
                    return;
            }
        }
    }

    private void Divide(long offset, int length, CancellationToken cancellationToken)
    {
        int sector = reader.SectorSize;
        int piece = length > SinglyMax ? (length / 2 + sector - 1) / sector * sector : sector;
        for (int at = 0; at < length; at += piece)
        {
            int part = Math.Min(piece, length - at);
            if (_isGone) _unsure.Add(new(offset + at, part));
            else Look(offset + at, part, cancellationToken);
        }
    }
}
