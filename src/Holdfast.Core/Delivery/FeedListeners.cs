// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Those who wait for something new in the feed. All are woken, with it where it is at hand.</summary>
internal sealed class FeedListeners
{
    private readonly Lock _lock = new();
    private readonly List<Signal> _signals = [];
    private TaskCompletionSource<FeedNews?> _next = New();
    private long _turns;

    /// <summary>Taken before the feed is read, so that nothing published in between is slept through.</summary>
    internal FeedTurn Next
    {
        get
        {
            lock (_lock) return new(_turns, _next.Task);
        }
    }

    /// <summary>Before the first <see cref="Wake"/>: one who listens as long as the notifier lives.</summary>
    internal void Add(Signal signal) => _signals.Add(signal);

    /// <summary>After every commit that brings something into the feed.</summary>
    /// <param name="news">Null: to be read from the ledger.</param>
    internal void Wake(FeedNews? news = null)
    {
        foreach (Signal signal in _signals) signal.Raise();
        TaskCompletionSource<FeedNews?> woken;
        lock (_lock)
        {
            woken = _next;
            _next = New();
            _turns++;
        }

        woken.TrySetResult(news);
    }

    private static TaskCompletionSource<FeedNews?> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
