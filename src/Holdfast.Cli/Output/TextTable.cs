// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>Columns as wide as their widest cell, two blanks apart; the last one runs on.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<Styled[]> _rows = [];
    private readonly Dictionary<int, Styled> _below = [];

    public int Count => _rows.Count;

    /// <summary>Cells must be safe for a terminal already.</summary>
    public void Add(params Styled[] cells) => _rows.Add(cells);

    /// <summary>A line below the last row, for what is too wide for a column.</summary>
    public void Below(Styled line) => _below[_rows.Count - 1] = line;

    public void WriteTo(IPage page)
    {
        int[] widths = [.. heads.Select((head, i) => Math.Max(
            head.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Text.Length)))];
        page.Line([], Row(Array.ConvertAll(heads, head => new Styled(head, Tone.Quiet)), widths));
        for (int i = 0; i < _rows.Count; i++)
        {
            page.Line([], Row(_rows[i], widths));
            if (_below.TryGetValue(i, out Styled line)) page.Line(["  "], line);
        }
    }

    private static Styled[] Row(Styled[] cells, int[] widths)
    {
        var padded = (Styled[])cells.Clone();
        for (int i = 0; i < cells.Length - 1; i++)
        {
            padded[i] = cells[i] with { Text = cells[i].Text.PadRight(widths[i] + 2) };
        }

        return padded;
    }
}
