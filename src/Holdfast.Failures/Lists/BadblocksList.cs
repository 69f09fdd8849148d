// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// A list of badblocks(8), which e2fsck -l, mke2fs -l and dumpe2fs -b speak too: one decimal block number a line.
/// The unit is not in the list: it is what badblocks was given with -b, 1024 bytes without. Empty lines and lines
/// that start with '#' are passed over.
/// </summary>
public static class BadblocksList
{
    /// <summary>The unit of badblocks(8) without -b, in bytes.</summary>
    public const long DefaultBlockSize = 1024;

    /// <param name="stream">The list. Its I/O errors are thrown; it stays the caller's.</param>
    /// <param name="blockSize">Bytes a block.</param>
    /// <exception cref="ArgumentOutOfRangeException">A block size below 1.</exception>
    public static RangeList Read(Stream stream, long blockSize = DefaultBlockSize)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        var reader = new LineReader(stream);
        var ranges = new RangeCollector(Confidence.Exact);
        var faults = new ListFaults();
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            var cursor = new TextCursor(line);
            cursor.SkipSpaces();
            if (cursor.AtEnd || cursor.Rest[0] == '#') continue;
            ByteRange range = default;
            string? problem = reader.IsCut ? LineReader.CutProblem : ReadBlock(ref cursor, blockSize, out range);
            if (problem is null && !ranges.TryAdd(range)) problem = "too many ranges in one list";
            if (problem is not null) faults.Add(reader.Line, problem, line);
        }

        return new(ranges.Ranges, faults);
    }

    private static string? ReadBlock(ref TextCursor cursor, long blockSize, out ByteRange range)
    {
        range = default;
        NumberFault fault = cursor.ReadDecimal(out long block);
        if (fault != NumberFault.None) return fault.Text();
        cursor.SkipSpaces();
        if (!cursor.AtEnd) return "more than one block number in the line";
        if (block >= long.MaxValue / blockSize) return "the block's bytes lie past 2^63 - 1";
        range = new(block * blockSize, blockSize);
        return null;
    }
}
