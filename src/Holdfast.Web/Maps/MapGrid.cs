// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Web.Maps;

/// <summary>
/// A part of a device as cells, row by row, each for the same number of bytes; a cell shows the worst of what lies in
/// it, however little that is. A device of any size is a grid of a size that can be looked at.
/// </summary>
public sealed class MapGrid
{
    /// <summary>A cell is never less: nothing is lost in smaller pieces.</summary>
    public const int SectorSize = 512;

    private MapGrid(ByteRange bytes, long cellSize, int columns)
    {
        Bytes = bytes;
        CellSize = cellSize;
        Columns = columns;
        Cells = (int)Cell(bytes.End - 1) + 1;
    }

    /// <summary>What is shown, of the device.</summary>
    public ByteRange Bytes { get; }

    /// <summary>Bytes that a cell stands for.</summary>
    public long CellSize { get; }

    public int Columns { get; }

    /// <summary>The last may stand for fewer bytes.</summary>
    public int Cells { get; }

    public int Rows => (Cells + Columns - 1) / Columns;

    /// <summary>In the order of the device.</summary>
    public IReadOnlyList<MapRun> Runs { get; private set; } = [];

    /// <param name="bytes">What is to be shown; not empty.</param>
    /// <param name="pieces">In any order; what lies elsewhere is left out.</param>
    /// <param name="rows">At most.</param>
    public static MapGrid Of(ByteRange bytes, IEnumerable<MapPiece> pieces, int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, 1);
        long least = ((bytes.Length - 1) / (columns * rows)) + 1;
        var grid = new MapGrid(bytes, ((least - 1) / SectorSize + 1) * SectorSize, columns);
        grid.Fill(pieces);
        return grid;
    }

    private long Cell(long offset) => (offset - Bytes.Offset) / CellSize;

    private ByteRange BytesOf(int cell) => new ByteRange(Bytes.Offset + (cell * CellSize), CellSize).Intersect(Bytes);

    private void Fill(IEnumerable<MapPiece> pieces)
    {
        var worst = new MapContent[Cells];
        // Several files may own the same bytes: those are bad once.
        var bad = new List<ByteRange>();
        var isBad = new bool[Cells];
        foreach (MapPiece piece in pieces)
        {
            ByteRange inside = piece.Bytes.Intersect(Bytes);
            if (inside.IsEmpty) continue;
            bad.Add(inside);
            for (int cell = (int)Cell(inside.Offset); cell <= (int)Cell(inside.End - 1); cell++)
            {
                isBad[cell] = true;
                if (piece.Content > worst[cell]) worst[cell] = piece.Content;
            }
        }

        var all = ByteRangeSet.From(bad);
        var runs = new List<MapRun>();
        for (int cell = 0; cell < Cells; cell++)
        {
            if (!isBad[cell]) continue;
            int first = cell;
            while (cell + 1 < Cells && (cell + 1) % Columns != 0 && isBad[cell + 1] && worst[cell + 1] == worst[first])
            {
                cell++;
            }

            var bytes = ByteRange.FromTo(BytesOf(first).Offset, BytesOf(cell).End);
            runs.Add(new(
                first / Columns, first % Columns, cell - first + 1, worst[first], bytes,
                all.Within(bytes).Sum(at => at.Length)));
        }

        Runs = runs;
    }
}
