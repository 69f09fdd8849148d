// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Those who wait for something new in the feed. All are woken, none is remembered.</summary>
internal sealed class FeedListeners
{
    private TaskCompletionSource _next = New();

    /// <summary>Taken before the feed is read, so that nothing published in between is slept through.</summary>
    internal Task Next => Volatile.Read(ref _next).Task;

    internal void Wake() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
