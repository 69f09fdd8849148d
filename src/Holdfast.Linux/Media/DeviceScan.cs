// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Failures;

namespace Holdfast.Linux.Media;

/// <summary>
/// Reads ranges of a device around the page cache, in the order of the device, and finds every sector that cannot be
/// read. It can be stopped, and go on from where it was.
/// </summary>
/// <param name="listener">Hears of each read; null: nobody does.</param>
public sealed class DeviceScan(
    IMediaReader reader, ScanOptions options, KernelRoots roots, IScanListener? listener = null)
{
    private readonly List<ByteRange> _done = [];
    private readonly List<ByteRange> _bad = [];
    private readonly List<ByteRange> _unsure = [];

    /// <summary>Bad places so far: where it is another number than before, there are more.</summary>
    public int BadCount => _bad.Count;

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
        using var pace = new ScanPace(reader.Name, options, roots);
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
                pace.After(length, Stopwatch.GetElapsedTime(started), cancellationToken);
                each?.Invoke(read, total);
            }
        }

        return true;
    }

    /// <returns>False where it was stopped in the middle, or the device is gone.</returns>
    private bool TryRead(BadSectorSearch search, long at, int length, CancellationToken cancellationToken)
    {
        // The ends of a domain need not be whole sectors.
        long start = at / reader.SectorSize * reader.SectorSize;
        int whole = (int)((at + length + reader.SectorSize - 1) / reader.SectorSize * reader.SectorSize - start);
        var range = new ByteRange(start, whole);
        listener?.Reading(range);
        int got = whole > SectorReader.ReadMax ? 0 : reader.Read(start, whole, out _);
        bool isWhole = got == whole || TrySearch(search, ByteRange.FromTo(start + got, range.End), cancellationToken);
        listener?.Ended(range, got == whole);
        if (isWhole) Append(_done, new(at, length));
        // Each bad sector may have taken a minute: none is tried again because of the stop.
        else if (search.DoneTo > at) Append(_done, ByteRange.FromTo(at, Math.Min(search.DoneTo, at + length)));
        return isWhole;
    }

    private bool TrySearch(BadSectorSearch search, ByteRange range, CancellationToken cancellationToken)
    {
        bool isWhole = true;
        try
        {
            isWhole = !search.Run(ByteRangeSet.From([range]), cancellationToken).IsGone;
        }
        catch (OperationCanceledException)
        {
            isWhole = false;
        }

        _bad.AddRange(search.Found.Bad);
        _unsure.AddRange(search.Found.Unsure);
        return isWhole;
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
