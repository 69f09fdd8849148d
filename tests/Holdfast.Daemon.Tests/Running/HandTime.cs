// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Tests.Running;

/// <summary>Time that goes on when a test says so.</summary>
internal sealed class HandTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    internal void Advance(TimeSpan by) => _now += by.Ticks;
}
