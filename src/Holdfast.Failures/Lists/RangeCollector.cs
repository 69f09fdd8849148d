// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// Ranges as a list names them. One that touches or overlaps the one before and is as sure grows it: a list of a
/// million neighbouring blocks, or the same sector a million times, is one range.
/// </summary>
internal sealed class RangeCollector
{
    private readonly List<ReportedRange> _ranges = [];

    public IReadOnlyList<ReportedRange> Ranges => _ranges;

    /// <summary>False where the list is full and the range was left out.</summary>
    public bool TryAdd(ByteRange range, Confidence confidence)
    {
        if (_ranges.Count > 0)
        {
            ReportedRange last = _ranges[^1];
            ByteRange before = last.Range;
            if (last.Confidence == confidence && range.Offset >= before.Offset && range.Offset <= before.End)
            {
                if (range.End > before.End)
                {
                    _ranges[^1] = last with { Range = ByteRange.FromTo(before.Offset, range.End) };
                }

                return true;
            }
        }

        if (_ranges.Count == RangeList.RangesMax) return false;
        _ranges.Add(new(range, confidence));
        return true;
    }
}
