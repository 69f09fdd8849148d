// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Tests.Simulation;

/// <summary>One thread on which everything runs; which continuation is next, the seed decides.</summary>
internal sealed class SimulatedScheduler(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Call, object? State)> _ready = [];

    internal bool IsIdle => _ready.Count == 0;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Current != this) throw new InvalidOperationException(
            $"something runs on another thread: {d.Target} {state} {Environment.StackTrace}");
        _ready.Add((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    internal void RunOne()
    {
        // Mostly in order, as real schedulers do; often enough not.
        int index = random.Next(4) == 0 ? random.Next(_ready.Count) : 0;
        (SendOrPostCallback call, object? state) = _ready[index];
        _ready.RemoveAt(index);
        call(state);
    }

    /// <summary>The process dies: nothing that was about to run ever does.</summary>
    internal void Drop() => _ready.Clear();
}
