// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>What a group's refcountbt has staged for copy-on-write: behind all that is shared.</summary>
internal static class CowLeftovers
{
    public static List<RefcountRecord> Of(RefcountTree tree)
    {
        var staged = new List<RefcountRecord>();
        bool isThere = tree.Find(isCow: true, 0, BtreeSeek.GreaterOrEqual);
        // Records rise and lie within the group: there can be no more of them than blocks.
        for (; isThere; isThere = tree.Next()) staged.Add(tree.Read());
        return staged;
    }
}
