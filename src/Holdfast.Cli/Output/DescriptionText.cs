// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Describe;

namespace Holdfast.Cli.Output;

/// <summary>A structure taken apart, for people: fields by name, then tables in columns.</summary>
internal static class DescriptionText
{
    private const int RowsShownMax = 50;

    /// <summary>A column is no wider for the sake of a few long values.</summary>
    private const int ColumnWidthMax = 40;

    /// <param name="owners">Who owns it, one line each; for inodes nobody asks.</param>
    public static void Write(IPage page, Description description, params string[] owners)
    {
        page.Text(new Styled(VisibleText.Of(description.Title), Tone.Heading));
        foreach (string owner in owners) page.Pair("belongs to", owner);
        foreach (Field field in description.Fields) WriteField(page, field);
        foreach (Table table in description.Tables) WriteTable(page, table);
    }

    private static void WriteField(IPage page, Field field)
    {
        bool isFault = field.Name == Soundness.FieldName && field.Value != Soundness.Sound;
        page.Pair(field.Name, new Styled(VisibleText.Of(field.Value), isFault ? Tone.Bad : Tone.Plain));
    }

    private static void WriteTable(IPage page, Table table)
    {
        page.Heading(table.Title);
        int shown = Math.Min(RowsShownMax, table.Rows.Count);
        int[] widths = [.. table.Columns.Select(c => c.Length)];
        for (int row = 0; row < shown; row++)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], VisibleText.Of(table.Rows[row][column]).Length);
            }
        }

        page.Text(new Styled(Columns(table.Columns, widths), Tone.Quiet));
        for (int row = 0; row < shown; row++) page.Text(Columns(table.Rows[row], widths));
        if (table.Total == shown) return;
        page.Text(new Styled($"  … and {table.Total - shown} more; --json lists more", Tone.Quiet));
    }

    private static string Columns(IReadOnlyList<string> values, int[] widths)
    {
        IEnumerable<string> padded =
            values.Select((v, i) => VisibleText.Of(v).PadRight(Math.Min(widths[i], ColumnWidthMax)));
        return "  " + string.Join("  ", padded).TrimEnd();
    }
}
