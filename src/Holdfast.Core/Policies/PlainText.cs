// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Core.Policies;

/// <summary>What strangers wrote, as it may stand in a record, a log or a terminal.</summary>
public static class PlainText
{
    /// <summary>The most that is kept of what somebody said, in bytes.</summary>
    public const int BytesMax = 4096;

    private const char CutMark = '…';
    private const int CutMarkSize = 3;

    /// <summary>
    /// UTF-8 with anything else replaced; control characters other than line ends and tabs as \xNN or \u{NNNN}. Not
    /// longer than <see cref="BytesMax"/> in UTF-8; ends in … where it was cut.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        bool isCut = bytes.Length > BytesMax;
        string text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, BytesMax)]);
        var plain = new StringBuilder(text.Length);
        int room = BytesMax - CutMarkSize;
        foreach (Rune rune in text.EnumerateRunes())
        {
            string shown = Shown(rune);
            room -= Encoding.UTF8.GetByteCount(shown);
            if (room < 0)
            {
                isCut = true;
                break;
            }

            plain.Append(shown);
        }

        return isCut ? plain.Append(CutMark).ToString() : plain.ToString();
    }

    private static string Shown(Rune rune)
    {
        if (rune.Value is '\n' or '\t') return rune.ToString();
        if (Rune.IsControl(rune)) return string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
        // Format characters are not seen, or turn a line around so that it reads as something else than it is.
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
                ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x4}}}")
                : rune.ToString();
    }
}
