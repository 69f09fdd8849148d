// SPDX-License-Identifier: Apache-2.0
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
    /// Whether it steps back while others use the disk: idle I/O priority, and after each read a pause as long as
    /// leaves the disk to them for nine tenths of the time.
    /// </summary>
    public bool IsGentle { get; init; } = true;

    /// <summary>
    /// How long requests of others may last, in the mean: where they last longer the pauses grow, where they do not
    /// the pauses shrink. Null: the pauses are as they are. Only where it is gentle.
    /// </summary>
    public TimeSpan? LatencyMax { get; init; }
}

/// <summary>How far a scan has come.</summary>
/// <param name="Done">What was read, good or bad.</param>
/// <param name="Bad">Sectors that the medium does not give.</param>
/// <param name="Unsure">Not read, for another reason than the medium.</param>
public sealed record ScanState(ByteRangeSet Done, ByteRangeSet Bad, ByteRangeSet Unsure)
{
    public static ScanState Nothing { get; } = new(ByteRangeSet.Empty, ByteRangeSet.Empty, ByteRangeSet.Empty);
}

/// <summary>Hears of each read of a scan, on the scan's thread.</summary>
public interface IScanListener
{
    /// <summary>These bytes are about to be read: what the kernel says of them now is the scan's doing.</summary>
    void Reading(ByteRange range);

    /// <param name="isGood">The first try gave all of it.</param>
    void Ended(ByteRange range, bool isGood);
}
