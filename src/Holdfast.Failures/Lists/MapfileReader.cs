// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>Reads one mapfile: comments, the status line, then "position size status" a line.</summary>
internal sealed class MapfileReader(Stream stream)
{
    private readonly LineReader _lines = new(stream);
    private readonly List<MapfileBlock> _blocks = [];
    private readonly ListFaults _faults = new();
    private bool _ordered = true;

    public Mapfile Read()
    {
        MapfilePosition? position = null;
        while (_lines.TryRead(out ReadOnlySpan<byte> line))
        {
            var cursor = new TextCursor(line);
            cursor.SkipSpaces();
            if (AtComment(cursor)) continue;
            string? problem;
            if (_lines.IsCut)
            {
                problem = LineReader.CutProblem;
            }
            else if (position is null)
            {
                problem = ReadPosition(ref cursor, out MapfilePosition read);
                // Blocks are read on even behind a wrong status line, so that all faults show at once.
                position = read;
            }
            else
            {
                problem = ReadBlock(ref cursor);
            }

            if (problem is not null) _faults.Add(_lines.Line, problem, line);
        }

        if (position is null) _faults.Add(0, "no status line: this is not a mapfile");
        if (!_ordered) SortAndCheck();
        return new Mapfile([.. _blocks], position ?? default, _faults);
    }

    private static bool AtComment(TextCursor cursor) => cursor.AtEnd || cursor.Rest[0] == '#';

    private static string? ReadPosition(ref TextCursor cursor, out MapfilePosition position)
    {
        position = default;
        NumberFault fault = cursor.ReadConstant(out long offset);
        if (fault != NumberFault.None) return "status line: the position is " + fault.Text();
        cursor.SkipSpaces();
        if (cursor.AtEnd || !"?*/-FG+"u8.Contains(cursor.Rest[0])) return "status line: no status ?*/-FG+";
        char operation = (char)cursor.Rest[0];
        cursor.TrySkip(cursor.Rest[0]);
        cursor.SkipSpaces();
        // Mapfiles before ddrescue 1.20 have no pass.
        long pass = 1;
        if (!AtComment(cursor) && (cursor.ReadDecimal(out pass) != NumberFault.None || pass == 0))
        {
            return "status line: the pass is not a number from 1";
        }

        cursor.SkipSpaces();
        if (!AtComment(cursor)) return "status line: more than position, status and pass";
        position = new(offset, operation, pass);
        return null;
    }

    private string? ReadBlock(ref TextCursor cursor)
    {
        NumberFault fault = cursor.ReadConstant(out long offset);
        if (fault != NumberFault.None) return "the position is " + fault.Text();
        ReadOnlySpan<byte> behind = cursor.Rest;
        cursor.SkipSpaces();
        if (behind.Length == cursor.Rest.Length) return "no space behind the position";
        fault = cursor.ReadConstant(out long size);
        if (fault != NumberFault.None) return "the size is " + fault.Text();
        cursor.SkipSpaces();
        if (cursor.AtEnd) return "no status ?*/-+";
        MapfileStatuses status = MapfileBlock.StatusOf(cursor.Rest[0]);
        if (status == MapfileStatuses.None) return "no status ?*/-+";
        cursor.TrySkip(cursor.Rest[0]);
        cursor.SkipSpaces();
        if (!AtComment(cursor)) return "more than position, size and status";
        return Add(offset, size, status);
    }

    private string? Add(long offset, long size, MapfileStatuses status)
    {
        // The mapfile of a device of unknown or no size has one block of no bytes at 0.
        if (size == 0) return offset == 0 ? null : "a block of no bytes";
        // A device of unknown size ends, in a mapfile, where offsets end.
        size = Math.Min(size, long.MaxValue - offset);
        var block = new MapfileBlock(new(offset, size), status, (int)Math.Min(_lines.Line, int.MaxValue));
        if (_blocks.Count > 0)
        {
            MapfileBlock last = _blocks[^1];
            if (offset < last.Range.End)
            {
                _ordered = false;
            }
            else if (offset == last.Range.End && status == last.Status)
            {
                _blocks[^1] = last with { Range = ByteRange.FromTo(last.Range.Offset, block.Range.End) };
                return null;
            }
        }

        if (_blocks.Count == RangeList.RangesMax) return "too many blocks in one mapfile";
        _blocks.Add(block);
        return null;
    }

    /// <summary>
    /// Puts the blocks of an edited mapfile in order. Those of one status may overlap; of two that overlap and differ,
    /// neither can be known to be right. Each is held against the one before it that reaches farthest: if it overlaps
    /// another one too, then that one and the farthest were a conflict already.
    /// </summary>
    private void SortAndCheck()
    {
        _blocks.Sort(static (a, b) => a.Range.CompareTo(b.Range));
        MapfileBlock farthest = _blocks[0];
        for (int i = 1; i < _blocks.Count; i++)
        {
            MapfileBlock block = _blocks[i];
            if (block.Status != farthest.Status && block.Range.Offset < farthest.Range.End) Conflict(farthest, block);
            if (block.Range.End > farthest.Range.End) farthest = block;
        }
    }

    private void Conflict(MapfileBlock one, MapfileBlock other)
    {
        MapfileBlock later = one.Line > other.Line ? one : other;
        MapfileBlock earlier = one.Line > other.Line ? other : one;
        _faults.Add(later.Line, $"overlaps the block of another status in line {earlier.Line}");
    }
}
