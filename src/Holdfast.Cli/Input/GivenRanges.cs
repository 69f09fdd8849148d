// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Lists;

namespace Holdfast.Cli.Input;

/// <summary>The bad ranges that were given, in bytes of the target, and what was said about them.</summary>
internal sealed record GivenRanges
{
    /// <summary>No disk is so long.</summary>
    private const long DiskLengthMax = 1L << 62;

    public required BadRanges Bad { get; init; }

    public required IReadOnlyList<Mapfile> Mapfiles { get; init; }

    public required IReadOnlyList<RangeSource> Sources { get; init; }

    public required IReadOnlyList<string> Gaps { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>As far as the mapfiles speak of the disk, in bytes; 0 where there are none.</summary>
    public long DiskLength
    {
        get
        {
            long end = 0;
            // A disk of unknown size goes on, in a mapfile, to where offsets end.
            foreach (Mapfile mapfile in Mapfiles) if (mapfile.End < DiskLengthMax) end = Math.Max(end, mapfile.End);
            return end;
        }
    }

    /// <summary>What must not be read: the bad ranges, and whatever a mapfile does not call rescued.</summary>
    /// <param name="length">Bytes of the target.</param>
    public ByteRangeSet Distrusted(long length)
    {
        ByteRangeSet all = Bad.All;
        foreach (Mapfile mapfile in Mapfiles) all = all.Union(mapfile.NotRescued(length));
        return all;
    }
}
