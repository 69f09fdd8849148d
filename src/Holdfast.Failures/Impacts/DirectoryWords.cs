// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>What a hit on a directory's data fork means, by where in the directory it lies.</summary>
public static class DirectoryWords
{
    public const string Data = "directory data";
    private const string Leaf = "directory leaf";
    private const string Free = "directory free index";

    // The three parts of a directory file are 32 GiB apart, whatever the block size: xfs_da_format.h.
    private const long SpaceLength = 1L << 35;

    /// <param name="impact">With its byte offset in the fork.</param>
    public static Impact Explain(Impact impact) => (impact.FileOffset!.Value / SpaceLength) switch
    {
        0 => impact with { Structure = Data, Cost = Costs.DirectoryData },
        1 => impact with { Structure = Leaf, Cost = Costs.DirectoryIndex },
        _ => impact with { Structure = Free, Cost = Costs.DirectoryFree },
    };
}
