// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Extended attributes and parent pointers as recovery changes them.</summary>
internal sealed class AttributeEditor(FinishContext context)
{
    /// <summary>The work that a logged attribute intent announced, checked against the inode.</summary>
    /// <exception cref="RecoveryFailure">The kernel would not take it up: the mount fails.</exception>
    public DeferredOperation Of(AttributeIntent intent)
    {
        BlockFault fault = AttributeIntentCheck.Check(context, intent);
        if (!fault.IsNone) RecoveryFailure.Throw(fault, 0, 0, $"attribute intent {intent.Id:x}");
        return new AttributeOperation(intent, context.Features);
    }

    /// <summary>
    /// What becomes of the attributes when an inode is freed: all blocks are given up, the root's last, then the fork.
    /// Commits steps of its own; the last one is the caller's to commit.
    /// </summary>
    /// <exception cref="RecoveryFailure">A block cannot be believed: the inode stays as it is then.</exception>
    public void FreeFork(InodeEditor inode)
    {
        if (inode.ForkOffset != 0) new AttributeFork(context, inode).Free();
    }
}
