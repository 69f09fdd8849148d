// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>Columns as wide as their widest cell, two blanks apart; the last one runs on.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<Styled[]> _rows = [];

    public int Count => _rows.Count;

    /// <summary>Cells must be safe for a terminal already.</summary>
    public void Add(params Styled[] cells) => _rows.Add(cells);

    public void WriteTo(IPage page)
    {
        int[] widths = [.. heads.Select((head, i) => Math.Max(
            head.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Text.Length)))];
        page.Line([], Row([.. heads.Select(head => new Styled(head, Tone.Quiet))], widths));
        foreach (Styled[] row in _rows) page.Line([], Row(row, widths));
    }

    private static Styled[] Row(Styled[] cells, int[] widths) =>
    [
        .. cells.Select((cell, i) =>
            i == cells.Length - 1 ? cell : cell with { Text = cell.Text.PadRight(widths[i] + 2) }),
    ];
}
