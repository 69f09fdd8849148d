// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// A <c>badblocks</c> file of sysfs, as block devices, pmem namespaces and regions, and members of md arrays have it
/// (there also <c>bad_blocks</c> and <c>unacknowledged_bad_blocks</c>): "sector length" a line, decimal, in units of
/// 512 bytes whatever the device's sector is. A device without a table has an empty line.
/// </summary>
public static class SysfsBadblocksList
{
    /// <summary>Bytes a sector of the kernel's.</summary>
    public const long SectorSize = 512;

    /// <summary>The kernel fills one page, less a byte at the end, and cuts off what does not fit.</summary>
    private const long SmallestPageSize = 4096;

    /// <param name="stream">The file. Its I/O errors are thrown; it stays the caller's.</param>
    public static RangeList Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new LineReader(stream);
        var ranges = new RangeCollector(Confidence.Exact);
        var faults = new ListFaults();
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            var cursor = new TextCursor(line);
            cursor.SkipSpaces();
            if (cursor.AtEnd) continue;
            if (!reader.IsEnded && !reader.IsCut && reader.BytesRead >= SmallestPageSize - 1)
            {
                faults.Add(reader.Line, "the kernel cut the list off here: one page holds no more", line);
                continue;
            }

            ByteRange range = default;
            string? problem = reader.IsCut ? LineReader.CutProblem : ReadSectors(ref cursor, out range);
            if (problem is null && !ranges.TryAdd(range)) problem = "too many ranges in one list";
            if (problem is not null) faults.Add(reader.Line, problem, line);
        }

        return new(ranges.Ranges, faults);
    }

    private static string? ReadSectors(ref TextCursor cursor, out ByteRange range)
    {
        range = default;
        NumberFault fault = cursor.ReadDecimal(out long sector);
        if (fault != NumberFault.None) return fault.Text();
        cursor.SkipSpaces();
        fault = cursor.ReadDecimal(out long count);
        if (fault == NumberFault.Missing) return "not \"sector length\"";
        if (fault != NumberFault.None) return fault.Text();
        cursor.SkipSpaces();
        if (!cursor.AtEnd) return "more than \"sector length\" in the line";
        if (count == 0) return "a length of no sectors";
        if (!SectorText.TryRange(sector, count, SectorSize, out range)) return "the sectors lie past 2^63 - 1 bytes";
        return null;
    }
}
