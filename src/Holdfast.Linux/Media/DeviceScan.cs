// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Failures;

namespace Holdfast.Linux.Media;

/// <summary>How a device is read through.</summary>
public sealed record ScanOptions
{
    /// <summary>Bytes of a read, a multiple of the sector size; at most <see cref="SectorReader.ReadMax"/>.</summary>
    public int BlockSize { get; init; } = SectorReader.ReadMax;

    /// <summary>Bytes a second at most; null: as fast as it goes.</summary>
    public long? RateMax { get; init; }

    /// <summary>
    /// Whether it steps back while others use the device: idle I/O priority, and after each read a pause as long as
    /// leaves the device to them for nine tenths of the time.
    /// </summary>
    public bool IsGentle { get; init; } = true;
}

/// <summary>How far a scan has come.</summary>
/// <param name="Done">What was read, good or bad.</param>
/// <param name="Bad">Sectors that the medium does not give.</param>
/// <param name="Unsure">Not read, for another reason than the medium.</param>
public sealed record ScanState(ByteRangeSet Done, ByteRangeSet Bad, ByteRangeSet Unsure)
{
    public static ScanState Nothing { get; } = new(ByteRangeSet.Empty, ByteRangeSet.Empty, ByteRangeSet.Empty);
}

/// <summary>
/// Reads ranges of a device around the page cache, in the order of the device, and finds every sector that cannot be
/// read. It can be stopped, and go on from where it was.
/// </summary>
public sealed class DeviceScan(SectorReader reader, ScanOptions options, KernelRoots roots)
{
    /// <summary>While others use the device it rests so many times as long as it reads.</summary>
    private const int PauseFactor = 9;

    private readonly List<ByteRange> _done = [];
    private readonly List<ByteRange> _bad = [];
    private readonly List<ByteRange> _unsure = [];

    public ScanState State => new(
        ByteRangeSet.From(_done).Except(ByteRangeSet.From(_unsure)), ByteRangeSet.From(_bad),
        ByteRangeSet.From(_unsure));

    /// <param name="domain">What is to be read; widened to whole sectors.</param>
    /// <param name="before">What an interrupted scan found: it is not read again.</param>
    /// <param name="each">Called now and then with the bytes read of all that is to be read.</param>
    /// <returns>False where it was stopped, or the device went away.</returns>
    public bool Run(
        ByteRangeSet domain, ScanState before, Action<long, long>? each, CancellationToken cancellationToken)
    {
        _done.AddRange(before.Done);
        _bad.AddRange(before.Bad);
        ByteRange[] left = [.. domain.Except(before.Done)
            .Select(range => range.Intersect(new(0, reader.Length))).Where(range => !range.IsEmpty)];
        long total = left.Sum(range => range.Length);
        long read = 0;
        if (options.IsGentle) IoPriority.BeIdle();
        var search = new BadSectorSearch(reader);
        var pace = new ScanPace(reader.Name, options, roots);
        foreach (ByteRange range in left)
        {
            for (long at = range.Offset; at < range.End;)
            {
                if (cancellationToken.IsCancellationRequested) return false;
                int length = (int)Math.Min(options.BlockSize, range.End - at);
                long started = Stopwatch.GetTimestamp();
                if (!TryRead(search, at, length, cancellationToken)) return false;
                at += length;
                read += length;
                pace.After(length, Stopwatch.GetElapsedTime(started), PauseFactor);
                each?.Invoke(read, total);
            }
        }

        return true;
    }

    /// <returns>False where it was stopped in the middle: that piece is read again; or the device is gone.</returns>
    private bool TryRead(BadSectorSearch search, long at, int length, CancellationToken cancellationToken)
    {
        try
        {
            return Read(search, at, length, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private bool Read(BadSectorSearch search, long at, int length, CancellationToken cancellationToken)
    {
        // The ends of a domain need not be whole sectors.
        long start = at / reader.SectorSize * reader.SectorSize;
        int whole = (int)((at + length + reader.SectorSize - 1) / reader.SectorSize * reader.SectorSize - start);
        int got = whole > SectorReader.ReadMax ? 0 : reader.Read(start, whole, out _);
        if (got < whole)
        {
            SectorFindings found = search.Run(
                ByteRangeSet.From([new(start + got, whole - got)]), cancellationToken);
            _bad.AddRange(found.Bad);
            _unsure.AddRange(found.Unsure);
            if (found.IsGone) return false;
        }

        Append(_done, new(at, length));
        return true;
    }

    /// <summary>Neighbours are one: the list stays short.</summary>
    private static void Append(List<ByteRange> ranges, ByteRange range)
    {
        if (ranges.Count > 0 && ranges[^1].End == range.Offset)
        {
            ranges[^1] = ByteRange.FromTo(ranges[^1].Offset, range.End);
        }
        else
        {
            ranges.Add(range);
        }
    }
}
