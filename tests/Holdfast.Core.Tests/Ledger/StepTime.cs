// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>Time that a test moves on itself, timer by timer.</summary>
internal sealed class StepTime : TimeProvider
{
    private readonly Channel<Timer> _timers = Channel.CreateUnbounded<Timer>();
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(callback, state, dueTime);
        if (dueTime != Timeout.InfiniteTimeSpan) _timers.Writer.TryWrite(timer);
        return timer;
    }

    internal void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Waits until somebody waits for a time, and lets that time pass.</summary>
    internal async Task PassAsync()
    {
        Timer timer = await _timers.Reader.ReadAsync();
        Advance(timer.Due);
        timer.Ring();
    }

    private sealed class Timer(TimerCallback callback, object? state, TimeSpan due) : ITimer
    {
        private bool _isOver;

        internal TimeSpan Due => due;

        internal void Ring()
        {
            if (!_isOver) callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => !_isOver;

        public void Dispose() => _isOver = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
