// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>What a hit on an attribute fork means.</summary>
internal static class AttributeImpacts
{
    public static Impact Explain(XfsVolume volume, in Inode inode, Impact impact)
    {
        _ = volume;
        _ = inode.Number;
        return impact with { Structure = "attribute block" };
    }
}
