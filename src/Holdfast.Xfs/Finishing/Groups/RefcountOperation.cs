// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>What a CUI does. Source of the values: xfs_log_format.h (XFS_REFCOUNT_*).</summary>
internal enum RefcountAction
{
    Increase = 1,
    Decrease = 2,
    AllocateCow = 3,
    FreeCow = 4,
}

/// <summary>One change of reference counts, as a CUI announces it; it may take several transactions.</summary>
internal sealed class RefcountOperation(RefcountAction action, uint ag, AgBlock start, uint length) : DeferredOperation
{
    private uint _start = start.Value;
    private uint _length = length;

    public override DeferredKind Kind => DeferredKind.Refcount;

    public override ulong Order => ag;

    public override bool Step(FinishContext context)
    {
        context.Groups.ChangeRefcounts(action, ag, ref _start, ref _length);
        return _length == 0;
    }
}
