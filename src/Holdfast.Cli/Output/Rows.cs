// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>Pairs of a name and what it is, for people: the names in one column.</summary>
internal static class Rows
{
    private const int NameWidth = 16;

    public static void Pair(this IPage page, string name, params Styled[] value) =>
        page.Line([new("  " + TerminalText.Of(name).PadRight(NameWidth), Tone.Quiet)], value);

    /// <summary>A list in full or, where it is long, its beginning and how much more there is.</summary>
    public static void List(this IPage page, string heading, IReadOnlyList<string> rows, int shownMax, string where)
    {
        if (rows.Count == 0) return;
        page.Heading(heading);
        for (int i = 0; i < Math.Min(shownMax, rows.Count); i++) page.Line(["  "], TerminalText.Of(rows[i]));
        if (rows.Count > shownMax) page.Line(["  "], new Styled($"… and {rows.Count - shownMax} more; {where}", Tone.Quiet));
    }
}
