// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Impacts on what belongs to inodes of a mounted XFS. Which attribute a block holds, and which ranges of a file lie
/// behind a block of its map, the kernel does not say.
/// </summary>
internal sealed class MountedContent(MountedXfs xfs)
{
    private readonly SystemFiles _system = new(xfs);

    /// <summary>Whose map was hit in a block of its btree: what lies behind it is not told.</summary>
    internal SortedSet<ulong> BlockMapsHit { get; } = [];

    /// <summary>Which could not be read, and why.</summary>
    internal SortedDictionary<ulong, string> Unreadable { get; } = [];

    internal Impact Of(in MountedPiece piece, FoundInode found)
    {
        MapRow row = piece.Row;
        var impact = new Impact
        {
            Owner = OwnerKind.Inode,
            Device = row.Device,
            Physical = piece.Bytes.Offset,
            Length = piece.Bytes.Length,
            Severity = Severity.Metadata,
            Inode = row.Inode,
            Fork = row.Fork,
            FileOffset = row.BlockMap ? null : piece.FileOffset,
            Shared = piece.Shared,
            Unwritten = row.Unwritten,
            BlockMap = row.BlockMap,
            FileType = found.Inode?.TypeWord,
            FileSize = found.Inode?.Size,
        };
        if (row.BlockMap) BlockMapsHit.Add(row.Inode);
        if (found.Refusal is { } refusal)
        {
            Unreadable[row.Inode] = refusal;
            return ContentWords.OfUnreadable(impact);
        }

        if (row.BlockMap) return impact with { Structure = "bmbt", Cost = Costs.BlockMap };
        if (row.Fork == ForkKind.Attribute) return OfAttributes(impact);
        return found.Inode is { } inode
            ? OfContent(impact, in inode)
            : SystemFileWords.Explain(impact, _system.WordFor(row.Inode), xfs.Geometry.BlockSize);
    }

    private static Impact OfContent(Impact impact, in MountedInode inode)
    {
        if (inode.IsDirectory) return DirectoryWords.Explain(impact);
        return inode.IsSymlink
            ? ContentWords.OfSymlink(impact, inode.Size)
            : ContentWords.OfFile(impact, inode.Size);
    }

    /// <summary>Which of them the block holds is not told: it may be any.</summary>
    private Impact OfAttributes(Impact impact)
    {
        if (impact.Unwritten) return impact with { Severity = Severity.Harmless, Cost = Costs.AttributeUnwritten };
        string[] kinds = ["acl", "security", "trusted", "user"];
        return impact with
        {
            Structure = "attribute block", Cost = Costs.AttributeBlock,
            AttributeKinds = xfs.Geometry.HasParentPointers ? ["parent", .. kinds] : kinds,
        };
    }
}
