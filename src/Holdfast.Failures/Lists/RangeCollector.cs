// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// Ranges as a list of one confidence names them. One that touches or overlaps the one before grows it: a list of a
/// million neighbouring blocks, or the same sector a million times, is one range.
/// </summary>
internal sealed class RangeCollector(Confidence confidence)
{
    private readonly List<ReportedRange> _ranges = [];

    public IReadOnlyList<ReportedRange> Ranges => _ranges;

    /// <summary>False where the list is full and the range was left out.</summary>
    public bool TryAdd(ByteRange range)
    {
        if (_ranges.Count > 0)
        {
            ByteRange before = _ranges[^1].Range;
            if (range.Offset >= before.Offset && range.Offset <= before.End)
            {
                long end = Math.Max(before.End, range.End);
                _ranges[^1] = new(ByteRange.FromTo(before.Offset, end), confidence);
                return true;
            }
        }

        if (_ranges.Count == RangeList.RangesMax) return false;
        _ranges.Add(new(range, confidence));
        return true;
    }
}
