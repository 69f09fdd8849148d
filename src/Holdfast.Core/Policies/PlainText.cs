// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Core.Policies;

/// <summary>What strangers wrote, as it may stand in a record, a log or a terminal.</summary>
public static class PlainText
{
    /// <summary>UTF-8 with anything else replaced; control characters other than line ends and tabs as \xNN.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        var plain = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isPlain = rune.Value is '\n' or '\t' || !(Rune.IsControl(rune) || IsBidirectional(rune.Value));
            if (isPlain) plain.Append(rune.ToString());
            else plain.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
        }

        return plain.ToString();
    }

    // They turn a line around, so that it reads as something else than it is.
    private static bool IsBidirectional(int rune) => rune is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;
}
