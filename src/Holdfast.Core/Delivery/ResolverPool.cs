// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>
/// The open filesystem of one instance. It is opened when something is to be resolved and its holder has recovered its
/// log, and closed when the holder is another one, or gone.
/// </summary>
internal sealed class ResolverPool(IResolverSource source, TimeProvider time, TimeSpan timeMax, LeftBehind left)
    : IAsyncDisposable
{
    private IRangeResolver? _open;
    private Holder? _of;

    internal bool IsOpen => _open is not null;

    /// <summary>Null where nobody can say anything.</summary>
    internal async Task<IRangeResolver?> GetAsync(RecoveredHolder? holder, CancellationToken cancellationToken)
    {
        if (holder is null)
        {
            await CloseAsync();
            return null;
        }

        if (_open is not null && _of is { } of && of.IsSameAs(holder.Holder)) return _open;
        await CloseAsync();
        Task<IRangeResolver?> opening = source.OpenAsync(holder, cancellationToken);
        try
        {
            _open = await opening.WaitAsync(timeMax, time, cancellationToken);
        }
        catch
        {
            left.Add(CloseLateAsync(opening));
            throw;
        }

        _of = holder.Holder;
        return _open;
    }

    /// <summary>What comes when nobody waits for it any more is closed again.</summary>
    private static async Task CloseLateAsync(Task<IRangeResolver?> opening)
    {
        try
        {
            if (await opening is { } late) await late.DisposeAsync();
        }
        catch (Exception)
        {
            // It concerns nobody any more.
        }
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
