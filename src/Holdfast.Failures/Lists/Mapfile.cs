// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// A mapfile of GNU ddrescue ("logfile" before 1.20), as its manual describes it under "Mapfile structure". Positions
/// are bytes of the device that was rescued. Blocks need be neither in order nor without gaps, as with
/// <c>--loose-domain</c>, so that edited mapfiles are read too; where two blocks of different status overlap, the
/// later line is a fault. Positions that no block covers were not rescued.
/// </summary>
public sealed class Mapfile
{
    internal Mapfile(MapfileBlock[] blocks, MapfilePosition position, ListFaults faults)
    {
        Blocks = blocks;
        Position = position;
        Faults = faults;
    }

    /// <summary>In order of their offsets.</summary>
    public IReadOnlyList<MapfileBlock> Blocks { get; }

    /// <summary>How far the run was that wrote the file.</summary>
    public MapfilePosition Position { get; }

    public ListFaults Faults { get; }

    /// <summary>The first byte after the last block: as far as the mapfile speaks.</summary>
    public long End
    {
        get
        {
            long end = 0;
            foreach (MapfileBlock block in Blocks) end = Math.Max(end, block.Range.End);
            return end;
        }
    }

    /// <param name="stream">The mapfile. Its I/O errors are thrown; it stays the caller's.</param>
    public static Mapfile Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new MapfileReader(stream).Read();
    }

    /// <summary>The bytes of all blocks with one of these statuses.</summary>
    public ByteRangeSet Where(MapfileStatuses statuses) =>
        ByteRangeSet.From(Blocks.Where(b => (b.Status & statuses) != 0).Select(b => b.Range));

    /// <summary>
    /// Blocks with one of these statuses as bad ranges: of a bad sector every byte is known to be lost, while a block
    /// that failed as a whole, or was never read, may hold good sectors.
    /// </summary>
    public IReadOnlyList<ReportedRange> Reported(MapfileStatuses statuses)
    {
        var ranges = new List<ReportedRange>();
        foreach (MapfileBlock block in Blocks)
        {
            if ((block.Status & statuses) == 0) continue;
            bool exact = block.Status == MapfileStatuses.BadSector;
            ranges.Add(new(block.Range, exact ? Confidence.Exact : Confidence.Low));
        }

        return ranges;
    }

    /// <summary>
    /// Everything in the first <paramref name="size"/> bytes that is not known to have been read, what the mapfile does
    /// not cover among it. A rescued copy holds zeros or older data there: nothing in it may be believed.
    /// </summary>
    public ByteRangeSet NotRescued(long size)
    {
        // Blocks overlap only in a faulty mapfile; the word of the less rescued one counts.
        ByteRangeSet rescued = Where(MapfileStatuses.Finished);
        if (Faults.TotalCount > 0) rescued = rescued.Except(Where(~MapfileStatuses.Finished));
        return ByteRangeSet.From(rescued.Gaps(new ByteRange(0, size)));
    }
}
