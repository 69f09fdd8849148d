// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;

namespace Holdfast.Core.Delivery;

/// <summary>
/// The open filesystem of one instance. It is opened when something is to be resolved and its holder has recovered its
/// log, and closed when the holder is another one, or gone.
/// </summary>
internal sealed class ResolverPool(IResolverSource source, TimeProvider time, TimeSpan timeMax) : IAsyncDisposable
{
    private IRangeResolver? _open;
    private (string Name, long Epoch) _of;

    /// <summary>Null where nobody can say anything.</summary>
    internal async Task<IRangeResolver?> GetAsync(RecoveredHolder? holder, CancellationToken cancellationToken)
    {
        if (holder is null)
        {
            await CloseAsync();
            return null;
        }

        (string, long) wanted = (holder.Holder.Name, holder.Holder.Epoch);
        if (_open is not null && _of == wanted) return _open;
        await CloseAsync();
        _open = await source.OpenAsync(holder, cancellationToken).WaitAsync(timeMax, time, cancellationToken);
        _of = wanted;
        return _open;
    }

    /// <summary>Lets go of it; one that hangs in closing is left to itself.</summary>
    internal async Task CloseAsync()
    {
        IRangeResolver? open = _open;
        _open = null;
        if (open is null) return;
        try
        {
            await open.DisposeAsync().AsTask().WaitAsync(timeMax, time);
        }
        catch (Exception)
        {
            // Whatever a filesystem says in closing concerns nobody any more.
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
