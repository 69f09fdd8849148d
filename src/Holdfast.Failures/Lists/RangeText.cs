// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// A byte range, or a size, as people type it: <c>OFF+LEN</c>, each decimal, or hexadecimal behind "0x", with an
/// optional suffix K, M, G, T, P, E for powers of 1024, in either case, also written Ki, KiB, MiB… "KB" is refused:
/// half the tools mean 1000 by it and half 1024, and a guess would name the wrong files.
/// </summary>
public static class RangeText
{
    private static ReadOnlySpan<byte> Suffixes => "KMGTPE"u8;

    /// <param name="text">What was typed.</param>
    /// <param name="range">The range; empty where the text is wrong.</param>
    /// <param name="problem">What is wrong with the text, in one clause; empty where nothing is.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out ByteRange range, out string problem)
    {
        range = default;
        Span<byte> ascii = stackalloc byte[TypedText.CharactersMax];
        problem = TypedText.ToAscii(text, ref ascii);
        if (problem.Length == 0) problem = ReadRange(ascii, out range);
        return problem.Length == 0;
    }

    /// <summary>One number of bytes, as each half of a range is.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="size">Bytes; 0 where the text is wrong.</param>
    /// <param name="problem">What is wrong with the text, in one clause; empty where nothing is.</param>
    public static bool TryParseSize(ReadOnlySpan<char> text, out long size, out string problem)
    {
        size = 0;
        Span<byte> ascii = stackalloc byte[TypedText.CharactersMax];
        problem = TypedText.ToAscii(text, ref ascii);
        if (problem.Length > 0) return false;
        var cursor = new TextCursor(ascii);
        problem = ReadSize(ref cursor, out size);
        if (problem.Length == 0 && !cursor.AtEnd) problem = "not one number";
        if (problem.Length > 0) size = 0;
        return problem.Length == 0;
    }

    private static string ReadRange(ReadOnlySpan<byte> ascii, out ByteRange range)
    {
        range = default;
        var cursor = new TextCursor(ascii);
        string problem = ReadSize(ref cursor, out long offset);
        if (problem.Length > 0) return "the offset is " + problem;
        if (!cursor.TrySkip((byte)'+')) return "not of the form OFFSET+LENGTH";
        problem = ReadSize(ref cursor, out long length);
        if (problem.Length > 0) return "the length is " + problem;
        if (!cursor.AtEnd) return "not of the form OFFSET+LENGTH";
        if (length == 0) return "a length of no bytes";
        if (length > long.MaxValue - offset) return "the range ends past 2^63 - 1";
        range = new(offset, length);
        return "";
    }

    private static string ReadSize(ref TextCursor cursor, out long size)
    {
        NumberFault fault = cursor.ReadDecimalOrHex(out size);
        if (fault != NumberFault.None) return fault.Text();
        if (cursor.AtEnd || cursor.Rest[0] == '+') return "";
        int power = 1 + Suffixes.IndexOf((byte)(cursor.Rest[0] & ~0x20));
        if (power == 0) return "a number with a suffix other than K, M, G, T, P, E (powers of 1024)";
        cursor.TrySkip(cursor.Rest[0]);
        if (cursor.TrySkip("B"u8)) return "ambiguous: KB, MB… are powers of 1000 to some tools, of 1024 to others";
        if (cursor.TrySkip("i"u8)) cursor.TrySkip("B"u8);
        if (size > long.MaxValue >> (10 * power)) return NumberFault.TooBig.Text();
        size <<= 10 * power;
        return "";
    }
}
