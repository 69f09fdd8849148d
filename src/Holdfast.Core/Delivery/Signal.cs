// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// Wakes one who waits; several calls before they look are one. Safe from any thread. Whoever waits goes on where they
/// waited, never on a thread of ours: a simulation decides itself what runs next.
/// </summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _raised = New();

    internal void Raise()
    {
        lock (_lock) _raised.TrySetResult();
    }

    internal async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Raised().WaitAsync(cancellationToken);
        Lower();
    }

    /// <summary>Waits until raised, at most for a time.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task late = Task.Delay(atMost, time, stop.Token);
        await Task.WhenAny(Raised(), late);
        stop.Cancel();
        Lower();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Task Raised()
    {
        lock (_lock) return _raised.Task;
    }

    private void Lower()
    {
        lock (_lock)
        {
            if (_raised.Task.IsCompleted) _raised = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
