// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Tidy;

/// <summary>
/// Finds long methods by indentation, which the build enforces: in a type at column 0 a member's body opens with a
/// brace alone on its line at column 4 and closes at the same column. Members of nested types count one level deeper.
/// </summary>
internal static class MethodScan
{
    private static readonly string[] Types = ["class ", "struct ", "record ", "interface ", "enum "];

    /// <summary>"LINE: N lines" of the first body longer than <paramref name="linesMax"/>; else null.</summary>
    public static string? Over(string[] lines, int linesMax)
    {
        for (int i = 1; i < lines.Length; i++)
        {
            int indent = lines[i].Length - 1;
            if (indent is not (4 or 8) || lines[i].Trim() != "{" || IsType(lines, i)) continue;
            if (indent == 8 && !InNestedType(lines, i)) continue;
            string closing = new string(' ', indent) + "}";
            int end = Array.FindIndex(lines, i, l => l.StartsWith(closing, StringComparison.Ordinal));
            if (end - i - 1 > linesMax) return $"{i + 1}: {end - i - 1} lines";
        }

        return null;
    }

    /// <summary>Is the declaration that opens here, from its first line on, a type's?</summary>
    private static bool IsType(string[] lines, int brace)
    {
        int indent = lines[brace].Length - 1;
        int first = brace - 1;
        while (first > 0 && lines[first].Length - lines[first].TrimStart().Length > indent) first--;
        // Before the first parenthesis: a parameter or a comment may speak of types too.
        string head = " " + lines[first].Split('(')[0];
        return Array.Exists(Types, t => head.Contains(" " + t, StringComparison.Ordinal));
    }

    private static bool InNestedType(string[] lines, int brace)
    {
        int outer = Array.FindLastIndex(lines, brace, l => l == "    {");
        return outer > 0 && IsType(lines, outer);
    }
}
