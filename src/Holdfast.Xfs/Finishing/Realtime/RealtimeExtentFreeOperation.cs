// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>Blocks of a realtime group become free, as an EFI of the realtime device announces it.</summary>
internal sealed class RealtimeExtentFreeOperation(RealtimeGroup group, uint start, uint length) : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.RealtimeExtentFree;

    public override ulong Order => group.Number;

    public override bool Step(FinishContext context)
    {
        group.FreeNow(start, length);
        return true;
    }
}
