// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// Lets so many in at a time, in the order they came. Who waits goes on where they waited, which a semaphore of the
/// framework does not promise.
/// </summary>
internal sealed class EffectLimit(int most)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _free = most;

    internal async Task EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        using CancellationTokenRegistration stop = cancellationToken.Register(
            () => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
    }

    internal void Leave()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out TaskCompletionSource? next))
            {
                if (next.TrySetResult()) return;
            }

            _free++;
        }
    }
}
