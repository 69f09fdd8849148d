// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>A short text as somebody typed it, turned into the bytes that <see cref="TextCursor"/> reads.</summary>
internal static class TypedText
{
    public const int CharactersMax = 128;

    /// <summary>Fills and shortens the buffer; what is wrong with the text, empty where nothing is.</summary>
    public static string ToAscii(ReadOnlySpan<char> text, ref Span<byte> ascii)
    {
        if (text.IsEmpty) return "empty";
        if (text.Length > ascii.Length) return "too long to be a range";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is <= ' ' or > '~') return "a space, or a character that no number has";
            ascii[i] = (byte)text[i];
        }

        ascii = ascii[..text.Length];
        return "";
    }
}
