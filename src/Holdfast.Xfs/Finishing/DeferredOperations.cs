// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing;

/// <summary>
/// Work that is put off, in the order in which the kernel takes it up again: what a step gives rise to comes before
/// what was waiting already; pieces of one kind that are put off one after another share a transaction, up to a limit.
/// </summary>
internal sealed class DeferredOperations
{
    private readonly LinkedList<DeferredBatch> _waiting = [];
    private List<DeferredBatch> _new = [];

    public bool IsEmpty => _waiting.Count == 0 && _new.Count == 0;

    /// <summary>
    /// Puts work off, behind what this step has put off already. It joins a batch only where that is the last one: work
    /// of two kinds by turns makes a batch for each turn.
    /// </summary>
    public void Add(DeferredOperation operation)
    {
        DeferredBatch? last = _new.Count > 0 && _new[^1].Kind == operation.Kind ? _new[^1] : null;
        if (last is null || last.IsFull) _new.Add(last = new(operation.Kind));
        last.Add(operation);
    }

    /// <summary>
    /// The first transaction of a logged intent. What it leaves and what it gives rise to is kept for later: recovery
    /// takes the first step of every intent before the second of any (L20).
    /// </summary>
    /// <returns>What is left, to be given to <see cref="FinishAll(FinishContext, IReadOnlyList{DeferredBatch},
    /// CancellationToken)"/>.</returns>
    /// <exception cref="RecoveryFailure">The step cannot be done: it is taken back.</exception>
    public IReadOnlyList<DeferredBatch> StepFirst(FinishContext context, DeferredBatch intent)
    {
        try
        {
            bool isDone = intent.Step(context);
            context.Editor.Commit();
            List<DeferredBatch> left = _new;
            _new = [];
            foreach (DeferredBatch batch in left) batch.Log();
            if (!isDone) left.Insert(0, intent);
            return left;
        }
        catch (RecoveryFailure)
        {
            context.Editor.Rollback();
            Clear();
            throw;
        }
    }

    /// <summary>Does what the first step of an intent has left.</summary>
    /// <exception cref="RecoveryFailure">A step cannot be done: it is taken back, what waits is dropped.</exception>
    public void FinishAll(
        FinishContext context, IReadOnlyList<DeferredBatch> captured, CancellationToken cancellationToken = default)
    {
        _new.AddRange(captured);
        FinishAll(context, cancellationToken);
    }

    /// <summary>Does everything that waits, step by step, each committed.</summary>
    /// <exception cref="RecoveryFailure">A step cannot be done: it is taken back, what waits is dropped.</exception>
    public void FinishAll(FinishContext context, CancellationToken cancellationToken = default)
    {
        while (!IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TakeUpNew();
            DeferredBatch batch = _waiting.First!.Value;
            try
            {
                if (batch.Step(context)) _waiting.RemoveFirst();
                context.Editor.Commit();
            }
            catch (RecoveryFailure)
            {
                context.Editor.Rollback();
                Clear();
                throw;
            }
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _new.Clear();
    }

    private void TakeUpNew()
    {
        LinkedListNode<DeferredBatch>? first = _waiting.First;
        foreach (DeferredBatch batch in _new)
        {
            batch.Log();
            if (first is null) _waiting.AddLast(batch);
            else _waiting.AddBefore(first, batch);
        }

        _new.Clear();
    }
}
