// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>A piece of work that waits for the writer, and whoever waits for it.</summary>
internal abstract class LedgerWork
{
    /// <summary>Does it inside the open transaction. What it throws is its own, and undoes only it.</summary>
    internal abstract void Run(LedgerSession session);

    /// <summary>The transaction is on the disk: the answer may be given.</summary>
    internal abstract void Committed();

    /// <summary>Nothing of it counts.</summary>
    internal abstract void Failed(Exception fault);
}

/// <param name="committed">Called first of all once it is durable, and must not wait.</param>
internal sealed class LedgerWork<T>(Func<LedgerSession, T> work, Action? committed = null) : LedgerWork
{
    // A continuation must never run inside the writer.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    internal Task<T> Done => _done.Task;

    internal override void Run(LedgerSession session) => _result = work(session);

    internal override void Committed()
    {
        committed?.Invoke();
        _done.TrySetResult(_result!);
    }

    internal override void Failed(Exception fault) => _done.TrySetException(fault);
}
