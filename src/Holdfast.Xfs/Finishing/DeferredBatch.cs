// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing;

/// <summary>Work of one kind that one intent announces and one transaction carries out, as far as it can.</summary>
internal sealed class DeferredBatch(DeferredKind kind)
{
    /// <summary>Extents that one intent holds at most.</summary>
    private const int ExtentsPerIntentMax = 16;

    private readonly List<DeferredOperation> _operations = [];
    private bool _isLogged;

    public DeferredKind Kind { get; } = kind;

    public bool IsFull => _operations.Count >= (Kind is DeferredKind.BlockMap or DeferredKind.Attribute
        or DeferredKind.Exchange ? 1 : ExtentsPerIntentMax);

    /// <summary>What a logged intent asks for, in its order.</summary>
    public static DeferredBatch Of(IReadOnlyList<DeferredOperation> logged)
    {
        var batch = new DeferredBatch(logged[0].Kind) { _isLogged = true };
        batch._operations.AddRange(logged);
        return batch;
    }

    public void Add(DeferredOperation operation) => _operations.Add(operation);

    /// <summary>Groups are locked in the order of their numbers, so that is how the work is put down.</summary>
    public void Log()
    {
        if (!_isLogged && _operations.Count > 1)
        {
            DeferredOperation[] ordered = [.. _operations.OrderBy(operation => operation.Order)];
            _operations.Clear();
            _operations.AddRange(ordered);
        }

        _isLogged = true;
    }

    /// <returns>False where an operation has more to do: it stays first, those that are done are gone.</returns>
    public bool Step(FinishContext context)
    {
        for (int done = 0; done < _operations.Count; done++)
        {
            if (_operations[done].Step(context)) continue;
            _operations.RemoveRange(0, done);
            return false;
        }

        return true;
    }
}
