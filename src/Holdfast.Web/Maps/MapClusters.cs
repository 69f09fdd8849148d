// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Web.Maps;

/// <summary>Bad bytes that lie together, as on a disk with a scratch: each is shown closer.</summary>
public static class MapClusters
{
    /// <summary>Nearer ones are one.</summary>
    private const long GapMin = 128 << 10;

    /// <param name="bad">Of the device.</param>
    /// <param name="most">Of clusters: the widest gaps part them.</param>
    /// <returns>In the order of the device, each from its first to its last bad byte.</returns>
    public static IReadOnlyList<ByteRange> Of(ByteRangeSet bad, int most)
    {
        if (bad.IsEmpty) return [];
        // A cluster begins at a range behind a gap that is among the widest.
        int[] begins = [.. Enumerable.Range(1, bad.Count - 1)
            .Where(at => GapBefore(bad, at) >= GapMin)
            .OrderByDescending(at => GapBefore(bad, at)).ThenBy(at => at)
            .Take(most - 1).Order()];
        var clusters = new List<ByteRange>();
        int first = 0;
        foreach (int next in (int[])[.. begins, bad.Count])
        {
            clusters.Add(ByteRange.FromTo(bad[first].Offset, bad[next - 1].End));
            first = next;
        }

        return clusters;
    }

    private static long GapBefore(ByteRangeSet bad, int at) => bad[at].Offset - bad[at - 1].End;
}
