// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>How long a party that failed is left alone.</summary>
public sealed class RetryDelayTests
{
    private static readonly PushOptions Options = new()
    {
        RetryFirst = TimeSpan.FromSeconds(1), RetryMax = TimeSpan.FromMinutes(10),
    };

    [Fact]
    public void Waits_grow_with_every_attempt_of_this_run_and_the_last_up_to_the_most()
    {
        foreach ((int before, int attempt, double whole) in (ReadOnlySpan<(int, int, double)>)
            [(1, 0, 2), (1, 3, 16), (4, 0, 16), (9, 0, 512), (10, 0, 600), (500, 500, 600), (int.MaxValue - 1, 1, 600)])
        {
            for (int seed = 0; seed < 50; seed++)
            {
                double seconds = Delay(before, attempt, null, seed)!.Value.TotalSeconds;
                Assert.InRange(seconds, 0.75 * whole, Math.Min(1.25 * whole, 600));
            }
        }
    }

    [Fact]
    public void Not_all_wait_equally_long()
    {
        Assert.True(Enumerable.Range(0, 50).Select(seed => Delay(3, 0, null, seed)).Distinct().Count() > 40);
    }

    [Fact]
    public void Who_asks_for_patience_gets_it_but_not_for_ever()
    {
        Assert.Equal(TimeSpan.FromMinutes(2), Delay(0, 0, TimeSpan.FromMinutes(2), 1));
        Assert.Equal(TimeSpan.FromMinutes(10), Delay(0, 0, TimeSpan.FromDays(2), 1));
        // Asking for a second each time does not keep waits short.
        Assert.InRange(Delay(0, 6, TimeSpan.FromSeconds(1), 1)!.Value.TotalSeconds, 48, 80);
    }

    [Fact]
    public void Without_either_it_is_as_the_library_has_it() => Assert.Null(Delay(0, 5, null, 1));

    private static TimeSpan? Delay(int before, int attempt, TimeSpan? asked, int seed) =>
        RetryDelay.Of(Options, new LockedRandom(seed), before, attempt, asked);
}
