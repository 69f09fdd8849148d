// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// Time that passes only when told. The wall clock may jump either way; timers go by the time that passes.
/// </summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly PriorityQueue<(Timer Timer, long Version), (long Due, long Order)> _due = new();
    private long _order;
    private long _ticks;
    private long _wall = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(_wall + _ticks, TimeSpan.Zero);

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal void JumpWallClock(TimeSpan by) => _wall += by.Ticks;

    /// <summary>The process dies, and its timers with it.</summary>
    internal void Drop() => _due.Clear();

    internal void Pass(TimeSpan time) => PassTo(_ticks + time.Ticks);

    /// <summary>Passes to the next timer.</summary>
    /// <returns>False where there is none within the time.</returns>
    internal bool PassToNext(TimeSpan within)
    {
        while (_due.TryPeek(out (Timer Timer, long Version) next, out (long Due, long Order) at))
        {
            if (next.Timer.Version != next.Version)
            {
                _due.Dequeue();
                continue;
            }

            if (at.Due > _ticks + within.Ticks) return false;
            PassTo(at.Due);
            return true;
        }

        return false;
    }

    private void PassTo(long ticks)
    {
        while (_due.TryPeek(out (Timer Timer, long Version) next, out (long Due, long Order) at) && at.Due <= ticks)
        {
            _due.Dequeue();
            if (next.Timer.Version != next.Version) continue;
            _ticks = Math.Max(_ticks, at.Due);
            next.Timer.Fire();
        }

        _ticks = Math.Max(_ticks, ticks);
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        internal long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                time._due.Enqueue((this, Version), (time._ticks + dueTime.Ticks, time._order++));
            }

            return true;
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Fire()
        {
            if (_period > TimeSpan.Zero) Change(_period, _period);
            callback(state);
        }
    }
}
