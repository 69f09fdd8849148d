// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Extended attributes and parent pointers as recovery changes them.</summary>
internal sealed class AttributeEditor(FinishContext context)
{
    internal FinishContext Context => context;

    /// <summary>The work that a logged attribute intent announced, checked against the inode.</summary>
    /// <exception cref="RecoveryFailure">The kernel would not take it up: the mount fails.</exception>
    public DeferredOperation Of(AttributeIntent intent) => throw new NotImplementedException(intent.ToString());

    /// <summary>Frees what the attribute fork of an unlinked inode has, and the fork. Commits steps of its own.</summary>
    public void FreeFork(Forks.InodeEditor inode) => throw new NotImplementedException(inode.ToString());
}
