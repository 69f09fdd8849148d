// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// Wakes the one who waits; several calls before they look are one. Safe from any thread. Whoever waits goes on where
/// they waited, and only there: what the framework offers to wait for the first of several things goes on anywhere, and
/// a simulation could not decide what runs next.
/// </summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<bool>? _waiter;
    private bool _isRaised;

    internal void Raise()
    {
        lock (_lock)
        {
            // A waiter that has given up in the meantime hears nothing: the call is kept for the next look.
            _isRaised = _waiter is null || !_waiter.TrySetResult(true);
            _waiter = null;
        }
    }

    internal Task WaitAsync(CancellationToken cancellationToken) =>
        WaitAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>Waits until raised, at most for a time.</summary>
    /// <returns>Whether it was raised.</returns>
    internal async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isRaised)
            {
                _isRaised = false;
                return true;
            }

            _waiter = waiter;
        }

        using CancellationTokenRegistration stop = cancellationToken.Register(
            () => waiter.TrySetCanceled(cancellationToken));
        using ITimer? late = atMost == Timeout.InfiniteTimeSpan
            ? null
            : time.CreateTimer(_ => waiter.TrySetResult(false), null, atMost, Timeout.InfiniteTimeSpan);
        return await waiter.Task;
    }
}
