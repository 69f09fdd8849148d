// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// A range in sectors as people type it: <c>N</c> or <c>N+COUNT</c>, decimal, or hexadecimal behind "0x".
/// </summary>
public static class SectorText
{
    /// <param name="text">What was typed.</param>
    /// <param name="sectorSize">Bytes a sector.</param>
    /// <param name="range">The range in bytes; empty where the text is wrong.</param>
    /// <param name="problem">What is wrong with the text, in one clause; empty where nothing is.</param>
    /// <exception cref="ArgumentOutOfRangeException">A sector size below 1.</exception>
    public static bool TryParse(ReadOnlySpan<char> text, long sectorSize, out ByteRange range, out string problem)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sectorSize);
        range = default;
        Span<byte> ascii = stackalloc byte[TypedText.CharactersMax];
        problem = TypedText.ToAscii(text, ref ascii);
        if (problem.Length == 0) problem = Read(ascii, sectorSize, out range);
        return problem.Length == 0;
    }

    /// <summary>The bytes of a run of sectors; false where they lie past 2^63 - 1.</summary>
    internal static bool TryRange(long sector, long count, long sectorSize, out ByteRange range)
    {
        range = default;
        long sectorsMax = long.MaxValue / sectorSize;
        if (count > sectorsMax || sector > sectorsMax - count) return false;
        range = new(sector * sectorSize, count * sectorSize);
        return true;
    }

    private static string Read(ReadOnlySpan<byte> ascii, long sectorSize, out ByteRange range)
    {
        range = default;
        var cursor = new TextCursor(ascii);
        NumberFault fault = cursor.ReadDecimalOrHex(out long sector);
        if (fault != NumberFault.None) return "the sector is " + fault.Text();
        long count = 1;
        if (cursor.TrySkip((byte)'+'))
        {
            fault = cursor.ReadDecimalOrHex(out count);
            if (fault != NumberFault.None) return "the count is " + fault.Text();
        }

        if (!cursor.AtEnd) return "not of the form N or N+COUNT";
        if (count == 0) return "a count of no sectors";
        return TryRange(sector, count, sectorSize, out range) ? "" : "the sectors lie past 2^63 - 1 bytes";
    }
}
