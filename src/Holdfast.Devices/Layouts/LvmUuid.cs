// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Devices.Layouts;

/// <summary>LVM's identifiers: 32 letters and digits on disk, with dashes between them in text.</summary>
internal static class LvmUuid
{
    internal const int Size = 32;

    // Groups of 6, 4, 4, 4, 4, 4 and 6.
    private static readonly int[] Ends = [6, 10, 14, 18, 22, 26, 32];

    /// <summary>As LVM's tools print it.</summary>
    internal static string Format(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int at = 0;
        foreach (int end in Ends)
        {
            if (at > 0) text.Append('-');
            foreach (byte letter in bytes[at..end])
            {
                text.Append(char.IsAsciiLetterOrDigit((char)letter) ? (char)letter : '?');
            }

            at = end;
        }

        return text.ToString();
    }
}
