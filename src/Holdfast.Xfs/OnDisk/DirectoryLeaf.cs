// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A leaf of a directory's hash index, viewed in place: the only one, with the free index at its end (leaf1), or one
/// of many (leafn). Source of the format: xfs_da_format.h (struct xfs_dir3_leaf_hdr, xfs_dir2_leaf_tail).
/// </summary>
public readonly ref struct DirectoryLeaf
{
    private readonly ReadOnlySpan<byte> _bests;

    private DirectoryLeaf(ReadOnlySpan<byte> bests) => _bests = bests;

    /// <summary>Leaf1: the directory has this one leaf, and no free-index blocks.</summary>
    public bool IsOnly { get; private init; }

    public DirectoryLeafEntries Entries { get; private init; }

    /// <summary>The next leaf; 0 where there is none.</summary>
    public FileBlock Forward { get; private init; }

    /// <summary>The previous leaf; 0 where there is none.</summary>
    public FileBlock Back { get; private init; }

    /// <summary>The inode of the directory, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; private init; }

    /// <summary>Leaf1: how many data blocks the directory has; 0 otherwise.</summary>
    public int DataBlockCount => _bests.Length / sizeof(ushort);

    /// <summary>
    /// Leaf1: the longest free run of a data block in bytes; <see cref="DirectoryFreeBlock.NoBlock"/> where the block
    /// is a hole.
    /// </summary>
    public ushort BestFree(int dataBlock) => _bests.U16(dataBlock * sizeof(ushort));

    /// <summary>Verifies and views a leaf of either kind; which of them is right, the caller knows.</summary>
    public static BlockFault TryOpen(ReadOnlySpan<byte> block, scoped in BlockIdentity identity,
        out DirectoryLeaf opened)
    {
        opened = default;
        bool isOnly = DaBlockInfo.KindOf(block, identity.HasCrc) == DaBlockKind.DirectoryLeaf1;
        ushort magic = (identity.HasCrc, isOnly) switch
        {
            (true, true) => Magic.DirectoryLeaf1V5,
            (true, false) => Magic.DirectoryLeafNV5,
            (false, true) => Magic.DirectoryLeaf1V4,
            (false, false) => Magic.DirectoryLeafNV4,
        };
        BlockFault fault = DaBlockInfo.Check(block, in identity, magic);
        if (!fault.IsNone) return fault;

        ReadOnlySpan<byte> body = block[At.HeaderSizeOf(identity.HasCrc)..];
        ReadOnlySpan<byte> bests = default;
        if (isOnly)
        {
            fault = FindBests(body, out int bestsAt);
            if (!fault.IsNone) return fault;
            bests = body[bestsAt..^At.TailSize];
            body = body[..bestsAt];
        }

        // Counts are disk input: bounded here, before they become lengths.
        int info = DaBlockInfo.SizeOf(identity.HasCrc);
        uint count = block.U16(info + At.CountAt);
        uint stale = block.U16(info + At.StaleAt);
        uint countMax = (uint)body.Length / DirectoryLeafEntry.Size;
        if (count > countMax) return BlockFault.OutOfBounds("count", count, countMax);
        if (stale > count) return BlockFault.OutOfBounds("stale", stale, count);
        ReadOnlySpan<byte> entries = body[..((int)count * DirectoryLeafEntry.Size)];
        fault = DirectoryLeafEntries.TryOpen(entries, stale, out DirectoryLeafEntries view);
        if (!fault.IsNone) return fault;
        opened = new DirectoryLeaf(bests)
        {
            IsOnly = isOnly,
            Entries = view,
            Forward = new(block.U32(DaBlockInfo.ForwardAt)),
            Back = new(block.U32(DaBlockInfo.BackAt)),
            Owner = new(DaBlockInfo.OwnerOf(block, identity.HasCrc)),
        };
        return BlockFault.None;
    }

    private static BlockFault FindBests(ReadOnlySpan<byte> body, out int bestsAt)
    {
        int tailAt = body.Length - At.TailSize;
        uint count = body.U32(tailAt);
        uint countMax = (uint)tailAt / sizeof(ushort);
        bestsAt = tailAt - (int)Math.Min(count, countMax) * sizeof(ushort);
        return count > countMax ? BlockFault.OutOfBounds("bestcount", count, countMax) : BlockFault.None;
    }

    /// <summary>Field positions after the block's info, each the sum of the widths before it.</summary>
    public static class At
    {
        public const int CountAt = 0;
        public const int StaleAt = CountAt + sizeof(ushort);
        private const int PaddingAt = StaleAt + sizeof(ushort);

        /// <summary>Leaf1: the count of data blocks, at the very end; their lengths lie before it.</summary>
        public const int TailSize = sizeof(uint);

        /// <summary>V5 pads the header to eight bytes.</summary>
        public static int HeaderSizeOf(bool hasCrc) =>
            hasCrc ? DaBlockInfo.SizeV5 + PaddingAt + sizeof(uint) : DaBlockInfo.SizeV4 + PaddingAt;
    }
}
