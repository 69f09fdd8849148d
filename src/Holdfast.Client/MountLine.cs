// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Client;

/// <summary>A line of /proc/self/mountinfo. Names are bytes: here one character is one byte.</summary>
/// <param name="Root">The folder of the filesystem that the mount shows.</param>
/// <param name="Point">Where it shows it.</param>
/// <param name="Type">xfs, ext4, overlay, …</param>
internal sealed record MountLine(long Id, string Root, string Point, string Type)
{
    private const int RootAt = 3;
    private const int PointAt = 4;

    public static MountLine? Of(long id) =>
        File.ReadLines("/proc/self/mountinfo", Encoding.Latin1).Select(Parse).FirstOrDefault(line => line?.Id == id);

    /// <summary>Null where the line is none of mountinfo.</summary>
    internal static MountLine? Parse(string line)
    {
        string[] fields = line.Split(' ');
        // Any number of optional fields stands before the dash.
        int dash = Array.IndexOf(fields, "-", Math.Min(PointAt + 1, fields.Length));
        return dash >= 0 && dash + 1 < fields.Length
            && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            ? new(id, Unescaped(fields[RootAt]), Unescaped(fields[PointAt]), Unescaped(fields[dash + 1]))
            : null;
    }

    /// <summary>mountinfo writes blanks, tabs, line ends and backslashes as \ooo.</summary>
    private static string Unescaped(string text)
    {
        const int digits = 3;
        if (!text.Contains('\\')) return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + digits < text.Length
                && text.AsSpan(i + 1, digits).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)(Convert.ToInt32(text.Substring(i + 1, digits), 8) & byte.MaxValue));
                i += digits;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
