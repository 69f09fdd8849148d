// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing;

/// <summary>
/// Work that is put off, in the order in which the kernel takes it up again: what a step gives rise to comes before
/// what was waiting already; pieces of one kind that are put off one after another share a transaction, up to a limit.
/// </summary>
internal sealed class DeferredOperations
{
    /// <summary>Extents that one intent holds at most.</summary>
    private const int ExtentsPerIntentMax = 16;

    private readonly LinkedList<Batch> _waiting = [];
    private readonly List<Batch> _new = [];

    private sealed class Batch(DeferredKind kind)
    {
        public DeferredKind Kind { get; } = kind;

        public List<DeferredOperation> Operations { get; } = [];

        public bool IsFull => Operations.Count >= MaxOf(Kind);
    }

    public bool IsEmpty => _waiting.Count == 0 && _new.Count == 0;

    /// <summary>Puts work off, behind what this step has put off already.</summary>
    public void Add(DeferredOperation operation)
    {
        Batch? last = _new.FindLast(batch => batch.Kind == operation.Kind);
        if (last is null || last.IsFull) _new.Add(last = new(operation.Kind));
        last.Operations.Add(operation);
    }

    /// <summary>Does everything that waits, step by step, each committed.</summary>
    /// <exception cref="RecoveryFailure">A step cannot be done: it is taken back, and what waits is dropped.</exception>
    public void FinishAll(FinishContext context, CancellationToken cancellationToken = default)
    {
        while (!IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TakeUpNew();
            Batch batch = _waiting.First!.Value;
            try
            {
                if (RunOnce(batch, context)) _waiting.Remove(batch);
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
        LinkedListNode<Batch>? first = _waiting.First;
        foreach (Batch batch in _new)
        {
            if (batch.Operations.Count > 1)
            {
                DeferredOperation[] ordered = [.. batch.Operations.OrderBy(operation => operation.Order)];
                batch.Operations.Clear();
                batch.Operations.AddRange(ordered);
            }

            if (first is null) _waiting.AddLast(batch);
            else _waiting.AddBefore(first, batch);
        }

        _new.Clear();
    }

    /// <returns>False where an operation has more to do: it stays first, the ones done are gone.</returns>
    private static bool RunOnce(Batch batch, FinishContext context)
    {
        for (int done = 0; done < batch.Operations.Count; done++)
        {
            if (batch.Operations[done].Step(context)) continue;
            batch.Operations.RemoveRange(0, done);
            return false;
        }

        return true;
    }

    private static int MaxOf(DeferredKind kind) => kind switch
    {
        DeferredKind.BlockMap or DeferredKind.Attribute or DeferredKind.Exchange => 1,
        _ => ExtentsPerIntentMax,
    };
}
