// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Web.Maps;

namespace Holdfast.Web.Tests.Maps;

/// <summary>
/// Goal: a map hides nothing. Method: devices and bad pieces at random, each byte's cell looked up the slow way.
/// </summary>
public sealed class MapGridTests
{
    private const int Columns = 16;
    private const int Rows = 5;

    [Fact]
    public void Every_bad_byte_is_in_a_cell_that_shows_the_worst_of_what_lies_there()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            long length = 1 + random.NextInt64(1L << random.Next(1, 62));
            long start = random.NextInt64(1L << 40);
            MapPiece[] pieces = [.. Enumerable.Range(0, random.Next(12)).Select(_ => Piece(random, start, length))];
            var grid = MapGrid.Of(new(start, length), pieces, Columns, Rows);

            Assert.InRange(grid.Rows, 1, Rows);
            Assert.Equal(0, grid.CellSize % MapGrid.SectorSize);
            Assert.Equal(grid.Cells, (int)((length - 1) / grid.CellSize) + 1);
            var wanted = new MapContent?[grid.Cells];
            foreach (MapPiece piece in pieces)
            {
                for (int cell = 0; cell < grid.Cells; cell++)
                {
                    var of = new ByteRange(start + (cell * grid.CellSize), grid.CellSize);
                    if (!of.Intersect(piece.Bytes).Intersect(grid.Bytes).IsEmpty)
                    {
                        wanted[cell] = piece.Content > wanted[cell] || wanted[cell] is null
                            ? piece.Content : wanted[cell];
                    }
                }
            }

            var shown = new MapContent?[grid.Cells];
            foreach (MapRun run in grid.Runs)
            {
                Assert.True(run.Column + run.Count <= Columns);
                Assert.InRange(run.Bad, 1, run.Bytes.Length);
                for (int i = 0; i < run.Count; i++)
                {
                    int cell = (run.Row * Columns) + run.Column + i;
                    Assert.Null(shown[cell]);
                    shown[cell] = run.Content;
                }
            }

            Assert.Equal(wanted, shown);
            var bad = ByteRangeSet.From(pieces.Select(at => at.Bytes.Intersect(grid.Bytes)));
            Assert.Equal(bad.TotalLength, grid.Runs.Sum(at => at.Bad));
        }
    }

    [Fact]
    public void One_sector_of_a_device_of_20_TB_is_seen()
    {
        const long length = 20_000_000_000_000;
        var grid = MapGrid.Of(
            new(0, length), [new(new(length - 512, 512), MapContent.FileData)], columns: 120, rows: 20);
        MapRun run = Assert.Single(grid.Runs);
        Assert.Equal((19, 1, 512L), (run.Row, run.Count, run.Bad));
        Assert.Equal(length, run.Bytes.End);
    }

    /// <summary>Some begin before what is shown, or end behind it.</summary>
    private static MapPiece Piece(Random random, long start, long length)
    {
        long at = Math.Max(0, start - 1000) + random.NextInt64(length + 2000);
        return new(new(at, 1 + random.NextInt64(1L << random.Next(1, 40))), (MapContent)random.Next(4));
    }
}
