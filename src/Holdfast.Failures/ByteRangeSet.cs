// SPDX-License-Identifier: Apache-2.0
using System.Collections;

namespace Holdfast.Failures;

/// <summary>
/// Sorted, disjoint, non-touching byte ranges. Sixteen bytes a range, so that a million is a normal size; every
/// question is answered by binary search, every combination of two sets by one pass over both.
/// </summary>
public sealed class ByteRangeSet : IReadOnlyList<ByteRange>
{
    private readonly long[] _starts;
    private readonly long[] _ends;

    private ByteRangeSet(long[] starts, long[] ends)
    {
        _starts = starts;
        _ends = ends;
        for (int i = 0; i < starts.Length; i++) TotalLength += ends[i] - starts[i];
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
        var builder = new Builder(ranges.TryGetNonEnumeratedCount(out int count) ? count : 0);
        foreach (ByteRange range in ranges) builder.Add(range.Offset, range.End);
        return builder.Build();
    }

    /// <summary>Index of the first range that ends after <paramref name="offset"/>; Count where none does.</summary>
    public int FirstEndingAfter(long offset)
    {
        // Asked once per extent of the filesystem: a loop of its own is faster than the framework's search.
        long[] ends = _ends;
        int low = 0;
        int high = ends.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ends[middle] > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    public bool Overlaps(long offset, long length)
    {
        int index = FirstEndingAfter(offset);
        return length > 0 && index < _starts.Length && _starts[index] - offset < length;
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
        if (window.IsEmpty) yield break;
        for (int i = FirstEndingAfter(window.Offset); i < Count && _starts[i] < window.End; i++)
        {
            yield return this[i].Intersect(window);
        }
    }

    /// <summary>The bytes that are in both.</summary>
    public ByteRangeSet Intersect(ByteRangeSet other) => From(other.SelectMany(Within));

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

    public ByteRangeSet Union(ByteRangeSet other)
    {
        if (other.IsEmpty) return this;
        if (IsEmpty) return other;
        var builder = new Builder(Count + other.Count);
        int mine = 0;
        int theirs = 0;
        while (mine < Count || theirs < other.Count)
        {
            bool takeMine = theirs == other.Count || (mine < Count && _starts[mine] <= other._starts[theirs]);
            if (takeMine) builder.Add(_starts[mine], _ends[mine++]);
            else builder.Add(other._starts[theirs], other._ends[theirs++]);
        }

        return builder.Build();
    }

    public ByteRangeSet Except(ByteRangeSet other)
    {
        if (IsEmpty || other.IsEmpty) return this;
        var builder = new Builder(Count);
        int hole = 0;
        for (int i = 0; i < Count; i++)
        {
            long next = _starts[i];
            while (hole < other.Count && other._ends[hole] <= next) hole++;
            // A hole may reach into the next range too, so it is passed there, not here.
            for (int j = hole; j < other.Count && other._starts[j] < _ends[i]; j++)
            {
                builder.Add(next, other._starts[j]);
                next = other._ends[j];
            }

            builder.Add(next, _ends[i]);
        }

        return builder.Build();
    }

    /// <summary>All ranges so many bytes further on; what would lie outside of [0, 2^63 - 1) is left out.</summary>
    public ByteRangeSet MovedBy(long bytes)
    {
        if (bytes == 0) return this;
        ByteRange kept = bytes < 0
            ? ByteRange.FromTo(-bytes, long.MaxValue)
            : ByteRange.FromTo(0, long.MaxValue - bytes);
        return From(Within(kept).Select(range => new ByteRange(range.Offset + bytes, range.Length)));
    }

    /// <summary>
    /// Each range grown outwards to whole units of <paramref name="unit"/> bytes, then merged. An end that would lie
    /// past 2^63 - 1 becomes that.
    /// </summary>
    public ByteRangeSet WidenedTo(long unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(unit);
        var builder = new Builder(Count);
        for (int i = 0; i < Count; i++)
        {
            long past = _ends[i] % unit;
            long missing = past == 0 ? 0 : Math.Min(unit - past, long.MaxValue - _ends[i]);
            builder.Add(_starts[i] - (_starts[i] % unit), _ends[i] + missing);
        }

        return builder.Build();
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<ByteRange> IEnumerable<ByteRange>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator(ByteRangeSet set) : IEnumerator<ByteRange>
    {
        private int _index = -1;

        public readonly ByteRange Current => set[_index];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => ++_index < set.Count;

        public void Reset() => _index = -1;

        public readonly void Dispose()
        {
        }
    }

    /// <summary>
    /// Collects starts and ends. What comes in order is merged as it comes, so that input that is sorted already
    /// (every list a tool writes) is never sorted again.
    /// </summary>
    private struct Builder(int capacity)
    {
        private long[] _starts = new long[capacity];
        private long[] _ends = new long[capacity];
        private int _count;
        private bool _unsorted;

        public void Add(long start, long end)
        {
            if (end <= start) return;
            if (_count > 0)
            {
                if (start < _starts[_count - 1])
                {
                    _unsorted = true;
                }
                else if (start <= _ends[_count - 1])
                {
                    _ends[_count - 1] = Math.Max(_ends[_count - 1], end);
                    return;
                }
            }

            if (_count == _starts.Length) Grow();
            _starts[_count] = start;
            _ends[_count++] = end;
        }

        public ByteRangeSet Build()
        {
            if (_unsorted) SortAndMerge();
            if (_count == 0) return Empty;
            Array.Resize(ref _starts, _count);
            Array.Resize(ref _ends, _count);
            return new ByteRangeSet(_starts, _ends);
        }

        private void SortAndMerge()
        {
            Array.Sort(_starts, _ends, 0, _count);
            int unsorted = _count;
            _count = 0;
            // Adding never overtakes reading: the element written is at or before the one read.
            for (int i = 0; i < unsorted; i++) Add(_starts[i], _ends[i]);
        }

        private void Grow()
        {
            int capacity = Math.Max(4, checked(_starts.Length * 2));
            Array.Resize(ref _starts, capacity);
            Array.Resize(ref _ends, capacity);
        }
    }
}
