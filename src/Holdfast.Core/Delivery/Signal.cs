// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Holdfast.Core.Delivery;

/// <summary>Wakes one who waits; several calls before they look are one. Safe from any thread.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal void Raise() => _raised.Writer.TryWrite(true);

    internal async Task WaitAsync(CancellationToken cancellationToken) =>
        await _raised.Reader.ReadAsync(cancellationToken);

    /// <summary>Waits until raised, at most for a time.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task raised = _raised.Reader.WaitToReadAsync(stop.Token).AsTask();
        Task late = Task.Delay(atMost, time, stop.Token);
        await Task.WhenAny(raised, late);
        await stop.CancelAsync();
        _raised.Reader.TryRead(out _);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
