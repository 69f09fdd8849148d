// SPDX-License-Identifier: Apache-2.0
using System.Collections;

namespace Holdfast.Failures;

/// <summary>
/// Sorted, disjoint, non-touching byte ranges. Sixteen bytes a range, so that a million is a normal size; every
/// question is answered by binary search.
/// </summary>
public sealed class ByteRangeSet : IReadOnlyList<ByteRange>
{
    private readonly long[] _starts;
    private readonly long[] _ends;

    private ByteRangeSet(long[] starts, long[] ends)
    {
        _starts = starts;
        _ends = ends;
        foreach (ByteRange range in this) TotalLength += range.Length;
    }

    public static ByteRangeSet Empty { get; } = new([], []);

    public int Count => _starts.Length;

    public bool IsEmpty => _starts.Length == 0;

    /// <summary>The bytes in all ranges together.</summary>
    public long TotalLength { get; }

    public ByteRange this[int index] => ByteRange.FromTo(_starts[index], _ends[index]);

    /// <summary>Sorts and merges: overlapping and touching ranges become one, empty ones vanish.</summary>
    public static ByteRangeSet From(IEnumerable<ByteRange> ranges)
    {
        ByteRange[] sorted = [.. ranges];
        Array.Sort(sorted);
        long[] starts = new long[sorted.Length];
        long[] ends = new long[sorted.Length];
        int count = 0;
        foreach (ByteRange range in sorted)
        {
            if (range.IsEmpty) continue;
            if (count > 0 && range.Offset <= ends[count - 1])
            {
                ends[count - 1] = Math.Max(ends[count - 1], range.End);
                continue;
            }

            starts[count] = range.Offset;
            ends[count++] = range.End;
        }

        return count == 0 ? Empty : new ByteRangeSet(starts[..count], ends[..count]);
    }

    /// <summary>Index of the first range that ends after <paramref name="offset"/>; Count where there is none.</summary>
    public int FirstEndingAfter(long offset)
    {
        int index = Array.BinarySearch(_ends, offset);
        return index < 0 ? ~index : index + 1;
    }

    public bool Overlaps(long offset, long length)
    {
        int index = FirstEndingAfter(offset);
        return index < _starts.Length && _starts[index] < offset + length;
    }

    public bool Overlaps(ByteRange range) => Overlaps(range.Offset, range.Length);

    public bool Contains(ByteRange range)
    {
        int index = FirstEndingAfter(range.Offset);
        return index < _starts.Length && _starts[index] <= range.Offset && range.End <= _ends[index];
    }

    /// <summary>The parts of this set that lie in <paramref name="window"/>, in order.</summary>
    public IEnumerable<ByteRange> Within(ByteRange window)
    {
        for (int i = FirstEndingAfter(window.Offset); i < Count && _starts[i] < window.End; i++)
        {
            yield return this[i].Intersect(window);
        }
    }

    /// <summary>The parts of <paramref name="window"/> that are not in this set, in order.</summary>
    public IEnumerable<ByteRange> Gaps(ByteRange window)
    {
        long next = window.Offset;
        foreach (ByteRange part in Within(window))
        {
            if (part.Offset > next) yield return ByteRange.FromTo(next, part.Offset);
            next = part.End;
        }

        if (next < window.End) yield return ByteRange.FromTo(next, window.End);
    }

    public ByteRangeSet Union(ByteRangeSet other) =>
        other.IsEmpty ? this : IsEmpty ? other : From(this.Concat(other));

    public ByteRangeSet Except(ByteRangeSet other) => From(this.SelectMany(other.Gaps));

    /// <summary>Each range grown outwards to whole units of <paramref name="unit"/> bytes, then merged.</summary>
    public ByteRangeSet WidenedTo(long unit) =>
        From(this.Select(r => ByteRange.FromTo(r.Offset / unit * unit, (r.End + unit - 1) / unit * unit)));

    public IEnumerator<ByteRange> GetEnumerator()
    {
        for (int i = 0; i < _starts.Length; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
