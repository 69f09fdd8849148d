// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>Set operations by one walk along both sets: for sets of millions on both sides.</summary>
internal static class RangeMerge
{
    /// <summary>The bytes of <paramref name="left"/> that are not in <paramref name="right"/>.</summary>
    internal static ByteRangeSet Except(ByteRangeSet left, ByteRangeSet right)
    {
        if (left.IsEmpty || right.IsEmpty) return left;
        var kept = new List<ByteRange>();
        int next = 0;
        for (int i = 0; i < left.Count; i++)
        {
            ByteRange range = left[i];
            long at = range.Offset;
            while (next < right.Count && right[next].End <= at) next++;
            // The last one that overlaps may reach into the following range too, so it is looked at again there.
            for (int j = next; j < right.Count && right[j].Offset < range.End; j++)
            {
                if (right[j].Offset > at) kept.Add(ByteRange.FromTo(at, right[j].Offset));
                at = Math.Max(at, right[j].End);
            }

            if (at < range.End) kept.Add(ByteRange.FromTo(at, range.End));
        }

        return ByteRangeSet.From(kept);
    }
}
