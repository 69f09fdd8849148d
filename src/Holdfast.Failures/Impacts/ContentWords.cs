// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>What a hit on the content of a file means.</summary>
public static class ContentWords
{
    /// <param name="impact">With its byte offset in the file.</param>
    /// <param name="size">Bytes of the file.</param>
    public static Impact OfFile(Impact impact, long size)
    {
        long offset = impact.FileOffset!.Value;
        long lost = impact.Unwritten ? 0 : Math.Max(0, Math.Min(offset + impact.Length, size) - offset);
        bool beyond = offset >= size;
        return impact with
        {
            LostBytes = lost,
            BeyondEof = beyond,
            Severity = lost > 0 ? Severity.FileData : Severity.Harmless,
            Cost = impact.Unwritten ? Costs.Unwritten : beyond ? Costs.BeyondEof : Costs.FileContent,
        };
    }

    /// <param name="size">Bytes of the target's path: with any of them the whole is lost.</param>
    public static Impact OfSymlink(Impact impact, long size) => impact with
    {
        Structure = "symlink target", Severity = Severity.FileData, LostBytes = size, Cost = Costs.Symlink,
    };

    /// <summary>
    /// The inode cannot be read: what the reverse map says is all there is, and the worst is assumed.
    /// </summary>
    public static Impact OfUnreadable(Impact impact)
    {
        if (impact.BlockMap) return impact with { Structure = "bmbt", Cost = Costs.BlockMap };
        if (impact.Fork == ForkKind.Attribute)
        {
            return impact with { Structure = "attribute block", Cost = Costs.AttributeBlock };
        }

        return impact with
        {
            Severity = impact.Unwritten ? Severity.Harmless : Severity.FileData,
            LostBytes = impact.Unwritten ? 0 : impact.Length,
            Cost = impact.Unwritten ? Costs.Unwritten : Costs.FileContent,
        };
    }
}
