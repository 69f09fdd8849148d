// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing;

/// <summary>
/// Carries out what open intents announce, as a mount does after replay: the first step of each in the order of the
/// log, and only then, in the same order, all that these steps have left (L20). Where a mount would fail, the intent is
/// given up, its last step taken back, and the others are carried on: the volume is then said to be incomplete.
/// </summary>
internal sealed class IntentFinisher(FinishContext context)
{
    private readonly List<Fault> _faults = [];
    private int _finished;

    /// <summary>Why intents were given up, in their order.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>Intents that were carried to their end.</summary>
    public int Finished => _finished;

    public void Run(IReadOnlyList<LoggedIntent> intents, CancellationToken cancellationToken)
    {
        var left = new List<IReadOnlyList<DeferredBatch>>();
        foreach (LoggedIntent intent in intents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                IReadOnlyList<DeferredOperation> work = Of(intent);
                if (work.Count > 0) left.Add(context.Deferred.StepFirst(context, DeferredBatch.Of(work)));
                _finished++;
            }
            catch (RecoveryFailure failure)
            {
                GiveUp(failure);
            }
        }

        foreach (IReadOnlyList<DeferredBatch> captured in left)
        {
            try
            {
                context.Deferred.FinishAll(context, captured, cancellationToken);
            }
            catch (RecoveryFailure failure)
            {
                _finished--;
                GiveUp(failure);
            }
        }
    }

    private IReadOnlyList<DeferredOperation> Of(LoggedIntent intent) => intent switch
    {
        ExtentFreeIntent { IsRealtime: true } free => context.Realtime.Of(free),
        ReverseMapIntent { IsRealtime: true } map => context.Realtime.Of(map),
        RefcountIntent { IsRealtime: true } count => context.Realtime.Of(count),
        ExtentFreeIntent free => context.Groups.Of(free),
        ReverseMapIntent map => context.Groups.Of(map),
        RefcountIntent count => context.Groups.Of(count),
        BlockMapIntent map => context.Forks.Of(map),
        ExchangeIntent exchange => context.Forks.Of(exchange),
        AttributeIntent attribute => [context.Attributes.Of(attribute)],
        _ => throw new InvalidOperationException(intent.ToString()),
    };

    private void GiveUp(RecoveryFailure failure)
    {
        context.Editor.Rollback();
        context.Deferred.Clear();
        _faults.Add(failure.Fault);
    }
}
