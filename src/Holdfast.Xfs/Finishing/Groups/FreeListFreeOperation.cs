// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>A block that the AGFL had too many of goes back to free space.</summary>
internal sealed class FreeListFreeOperation(uint ag, AgBlock block) : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.FreeListFree;

    public override ulong Order => ag;

    public override bool Step(FinishContext context)
    {
        context.Groups.FreeFromList(ag, block);
        return true;
    }
}
