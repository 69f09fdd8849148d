// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Web.Maps;

namespace Holdfast.Web.Tests.Maps;

public sealed class MapClustersTests
{
    private const int Most = 5;

    [Fact]
    public void All_that_is_bad_is_in_one_of_them_and_the_widest_gaps_are_between_them()
    {
        var random = new Random(2);
        for (int round = 0; round < 1000; round++)
        {
            var bad = ByteRangeSet.From(Enumerable.Range(0, random.Next(1, 40)).Select(
                _ => new ByteRange(random.NextInt64(1L << random.Next(9, 36)) & ~511, 512)));
            IReadOnlyList<ByteRange> clusters = MapClusters.Of(bad, Most);
            Assert.InRange(clusters.Count, 1, Most);
            Assert.All(bad, at => Assert.Single(clusters, cluster => cluster.Intersect(at) == at));
            Assert.All(clusters, at => Assert.True(bad.Overlaps(at.Offset, 1) && bad.Overlaps(at.End - 1, 1)));
            long[] between = [.. clusters.Zip(clusters.Skip(1), (left, right) => right.Offset - left.End)];
            long[] gaps = [.. bad.Gaps(ByteRange.FromTo(bad[0].Offset, bad[^1].End)).Select(at => at.Length)];
            long[] wanted = [.. gaps.Where(at => at >= 128 << 10).OrderDescending().Take(Most - 1)];
            Assert.Equal(wanted, between.OrderDescending());
        }
    }

    [Fact]
    public void Nothing_bad_is_nowhere() => Assert.Empty(MapClusters.Of(ByteRangeSet.Empty, Most));
}
