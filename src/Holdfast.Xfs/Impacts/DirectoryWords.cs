// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>What a hit on a directory's data fork means, by where in the directory it lies.</summary>
internal static class DirectoryWords
{
    public const string Data = "directory data";
    private const string Leaf = "directory leaf";
    private const string Free = "directory free index";

    public static Impact Explain(Impact impact, Geometry geometry)
    {
        var block = new FileBlock((ulong)impact.FileOffset!.Value >> geometry.BlockLog);
        return DirectorySpaces.Of(block, geometry.BlockLog) switch
        {
            DirectorySpace.Data => impact with { Structure = Data, Cost = Costs.DirectoryData },
            DirectorySpace.Leaf => impact with { Structure = Leaf, Cost = Costs.DirectoryIndex },
            _ => impact with { Structure = Free, Cost = Costs.DirectoryFree },
        };
    }
}
