// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Those who wait for something new in the feed. All are woken, with it where it is at hand.</summary>
internal sealed class FeedListeners
{
    private readonly List<Signal> _signals = [];
    private TaskCompletionSource<FeedNews?> _next = New();

    /// <summary>Taken before the feed is read, so that nothing published in between is slept through.</summary>
    internal Task<FeedNews?> Next => Volatile.Read(ref _next).Task;

    /// <summary>Before the first <see cref="Wake"/>: one who listens as long as the notifier lives.</summary>
    internal void Add(Signal signal) => _signals.Add(signal);

    /// <param name="news">Null: to be read from the ledger.</param>
    internal void Wake(FeedNews? news = null)
    {
        foreach (Signal signal in _signals) signal.Raise();
        Interlocked.Exchange(ref _next, New()).TrySetResult(news);
    }

    private static TaskCompletionSource<FeedNews?> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
