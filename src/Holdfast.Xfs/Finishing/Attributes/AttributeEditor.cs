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
}
