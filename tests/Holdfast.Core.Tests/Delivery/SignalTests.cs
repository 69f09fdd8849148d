// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Tests.Simulation;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>C11: who is called is woken, also when the call falls between two waits.</summary>
public sealed class SignalTests
{
    [Fact]
    public async Task A_call_behind_a_wait_that_ran_out_is_kept_for_the_next()
    {
        var time = new SimulatedTime();
        var signal = new Signal();
        Task<bool> first = signal.WaitAsync(TimeSpan.FromSeconds(30), time, default);
        time.Pass(TimeSpan.FromSeconds(31));
        Assert.False(await first);
        signal.Raise();
        Task<bool> second = signal.WaitAsync(TimeSpan.FromSeconds(30), time, default);
        Assert.True(second.IsCompleted);
        Assert.True(await second);
    }

    [Fact]
    public async Task Several_calls_before_a_look_are_one()
    {
        var time = new SimulatedTime();
        var signal = new Signal();
        signal.Raise();
        signal.Raise();
        Assert.True(await signal.WaitAsync(TimeSpan.FromSeconds(1), time, default));
        Task<bool> next = signal.WaitAsync(TimeSpan.FromSeconds(1), time, default);
        Assert.False(next.IsCompleted);
        time.Pass(TimeSpan.FromSeconds(2));
        Assert.False(await next);
    }
}
