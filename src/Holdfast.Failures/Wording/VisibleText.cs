// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;
using Holdfast.Failures.Impacts;

namespace Holdfast.Failures.Wording;

/// <summary>
/// Names as people may be shown them: a file's name is anybody's bytes. A terminal obeys some of them, and some make a
/// line read as another. Control characters, direction overrides and what is not UTF-8 become escapes.
/// </summary>
public static class VisibleText
{
    /// <summary>The root itself is "/"; every other path is relative to it, as in the JSON.</summary>
    public static string Of(PathName path) => path.Bytes.IsEmpty ? "/" : Of(path.Bytes.Span);

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) != OperationStatus.Done)
            {
                foreach (byte wrong in bytes[..length]) text.Append($"\\x{wrong:x2}");
            }
            else
            {
                Append(text, rune);
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n': text.Append("\\n"); break;
            case '\t': text.Append("\\t"); break;
            case '\r': text.Append("\\r"); break;
            case < 0x20 or 0x7f: text.Append($"\\x{rune.Value:x2}"); break;
            case (>= 0x80 and < 0xa0) or (>= 0x200b and <= 0x200f) or (>= 0x2028 and <= 0x202e)
                or (>= 0x2066 and <= 0x2069) or 0xfeff: text.Append($"\\u{rune.Value:x4}"); break;
            default: text.Append(rune.ToString()); break;
        }
    }
}
