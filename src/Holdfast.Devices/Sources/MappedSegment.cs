// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>Where one stripe of a segment begins; offset in bytes of the source.</summary>
public readonly record struct Stripe(IBlockSource Source, long Offset);

/// <summary>
/// Bytes <c>[Start, End)</c> of a volume, dealt out in turn over stripes, <see cref="StripeSize"/> bytes each time, as
/// device-mapper's <c>striped</c> target does. A single stripe is the <c>linear</c> target.
/// </summary>
public sealed class MappedSegment
{
    /// <summary>In bytes, as is the end of the last segment: twice as much is still a number.</summary>
    public const long LengthMax = 1L << 62;

    private readonly Stripe[] _stripes;

    /// <exception cref="ArgumentException">The length does not divide into whole rows of stripes.</exception>
    public MappedSegment(long start, long length, long stripeSize, IEnumerable<Stripe> stripes)
    {
        _stripes = [.. stripes];
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stripeSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LengthMax - start);
        if (_stripes.Length == 0) throw new ArgumentException("a segment has at least one stripe", nameof(stripes));
        if (!DividesIntoRows(length, stripeSize, _stripes.Length))
        {
            string message = $"{length} bytes are no whole rows of {_stripes.Length} stripes";
            throw new ArgumentException(message, nameof(length));
        }

        foreach (Stripe stripe in _stripes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(stripe.Offset, nameof(stripes));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(stripe.Offset, long.MaxValue - length, nameof(stripes));
        }

        Start = start;
        Length = length;
        StripeSize = _stripes.Length == 1 ? length : stripeSize;
    }

    public long Start { get; }

    public long Length { get; }

    public long End => Start + Length;

    /// <summary>Bytes that lie together; the whole length where there is one stripe.</summary>
    public long StripeSize { get; }

    public IReadOnlyList<Stripe> Stripes => _stripes;

    /// <summary>Bytes of this segment on each of its stripes.</summary>
    public long LengthOnStripe => Length / _stripes.Length;

    public static MappedSegment Linear(long start, long length, IBlockSource source, long offset) =>
        new(start, length, length, [new(source, offset)]);

    /// <summary>Can a segment be this long? Device-mapper refuses what leaves a row of stripes unfilled.</summary>
    public static bool DividesIntoRows(long length, long stripeSize, int stripes) =>
        stripes == 1 || (length % stripes == 0 && length / stripes % stripeSize == 0);

    /// <summary>The bytes on a stripe, all of them together: which of them is which is for the chunks.</summary>
    internal ByteRange WindowOf(int stripe) => new(_stripes[stripe].Offset, LengthOnStripe);

    /// <summary>The piece that lies together from a volume offset on, and where it lies.</summary>
    internal (Stripe At, long Length) ChunkAt(long volumeOffset)
    {
        long inSegment = volumeOffset - Start;
        long chunk = inSegment / StripeSize;
        long inChunk = inSegment % StripeSize;
        Stripe stripe = _stripes[(int)(chunk % _stripes.Length)];
        long row = chunk / _stripes.Length;
        return (stripe with { Offset = stripe.Offset + (row * StripeSize) + inChunk }, StripeSize - inChunk);
    }

    /// <summary>
    /// Cuts bytes of a stripe's source, which lie inside its window, into ranges of the volume. Stops after
    /// <paramref name="piecesMax"/>; the answer is the first byte that was not reached, the range's end if all were.
    /// </summary>
    internal long ToVolume(int stripe, ByteRange part, List<ByteRange> pieces, int piecesMax)
    {
        long at = part.Offset;
        while (at < part.End && pieces.Count < piecesMax)
        {
            long onStripe = at - _stripes[stripe].Offset;
            long inChunk = onStripe % StripeSize;
            long chunk = ((onStripe / StripeSize) * _stripes.Length) + stripe;
            long length = Math.Min(StripeSize - inChunk, part.End - at);
            pieces.Add(new(Start + (chunk * StripeSize) + inChunk, length));
            at += length;
        }

        return at;
    }

    /// <summary>
    /// Where bytes of the volume, which lie inside this segment, are on one source. Whole rows of stripes lie together
    /// on each of them, so that the number of pieces does not grow with the length.
    /// </summary>
    internal void ToSource(IBlockSource source, ByteRange part, List<ByteRange> found)
    {
        long row = StripeSize * _stripes.Length;
        long start = part.Offset - Start;
        long end = part.End - Start;
        long firstRow = (start + row - 1) / row;
        long lastRow = end / row;
        if (firstRow >= lastRow)
        {
            AddChunks(source, start, end, found);
            return;
        }

        AddChunks(source, start, firstRow * row, found);
        foreach (Stripe stripe in _stripes)
        {
            if (!ReferenceEquals(stripe.Source, source)) continue;
            found.Add(new(stripe.Offset + (firstRow * StripeSize), (lastRow - firstRow) * StripeSize));
        }

        AddChunks(source, lastRow * row, end, found);
    }

    /// <summary>Less than two rows, chunk by chunk; in bytes of the segment.</summary>
    private void AddChunks(IBlockSource source, long start, long end, List<ByteRange> found)
    {
        for (long at = start; at < end;)
        {
            (Stripe stripe, long together) = ChunkAt(Start + at);
            long length = Math.Min(together, end - at);
            if (ReferenceEquals(stripe.Source, source)) found.Add(new(stripe.Offset, length));
            at += length;
        }
    }
}
