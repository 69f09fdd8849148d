// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Groups;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>One change of a realtime group's reference counts; it may take several transactions.</summary>
internal sealed class RealtimeRefcountOperation(RefcountAction action, RealtimeGroup group, uint start, uint length)
    : DeferredOperation
{
    private uint _start = start;
    private uint _length = length;

    public override DeferredKind Kind => DeferredKind.RealtimeRefcount;

    public override ulong Order => group.Number;

    public override bool Step(FinishContext context)
    {
        context.Realtime.Refcounts.Change(action, group, ref _start, ref _length);
        return _length == 0;
    }
}
