// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>An extent that goes back to free space, as an EFI announces it.</summary>
internal sealed class ExtentFreeOperation(
    uint ag, AgBlock start, uint length, ExtentOwner? owner, BlockReservation reservation) : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.ExtentFree;

    public override ulong Order => ag;

    public override bool Step(FinishContext context)
    {
        context.Groups.FreeNow(ag, start, length, owner, reservation);
        return true;
    }
}
