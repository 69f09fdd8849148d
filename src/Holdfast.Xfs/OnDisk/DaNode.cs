// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>A pointer of a hash btree node.</summary>
/// <param name="Hash">The greatest hash that the child may hold.</param>
/// <param name="Child">Block of the fork where the child begins: in a directory at 32 GiB or above.</param>
public readonly record struct DaNodeEntry(uint Hash, FileBlock Child)
{
    internal const int HashAt = 0;
    internal const int ChildAt = HashAt + sizeof(uint);

    /// <summary>Bytes.</summary>
    public const int Size = ChildAt + sizeof(uint);
}

/// <summary>
/// A node of the hash btree of a directory or an attribute fork, viewed in place: pointers in the order of their
/// hashes. Source of the format: xfs_da_format.h (struct xfs_da3_node_hdr, xfs_da_node_entry).
/// </summary>
public readonly ref struct DaNode
{
    /// <summary>Levels of nodes above the leaves; a walk that finds more is in a cycle.</summary>
    public const int LevelMax = 5;

    private readonly ReadOnlySpan<byte> _entries;

    private DaNode(ReadOnlySpan<byte> entries) => _entries = entries;

    /// <summary>Levels down to the leaves, 1 to <see cref="LevelMax"/>; a child node must have one less.</summary>
    public int Level { get; private init; }

    /// <summary>At least 1.</summary>
    public int Count => _entries.Length / DaNodeEntry.Size;

    /// <summary>The next node of this level; 0 where there is none.</summary>
    public FileBlock Forward { get; private init; }

    /// <summary>The previous node of this level; 0 where there is none.</summary>
    public FileBlock Back { get; private init; }

    /// <summary>The inode, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; private init; }

    public DaNodeEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(index * DaNodeEntry.Size, DaNodeEntry.Size);
            return new(entry.U32(DaNodeEntry.HashAt), new(entry.U32(DaNodeEntry.ChildAt)));
        }
    }

    /// <summary>
    /// Index of the first child that may hold <paramref name="hash"/>; <see cref="Count"/> where every hash below is
    /// smaller. The same hash may go on in the children that follow.
    /// </summary>
    public int FirstNotBelow(uint hash)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].Hash < hash) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public static BlockFault TryOpen(ReadOnlySpan<byte> block, scoped in BlockIdentity identity, out DaNode opened)
    {
        opened = default;
        ushort magic = identity.HasCrc ? Magic.DaNodeV5 : Magic.DaNodeV4;
        BlockFault fault = DaBlockInfo.Check(block, in identity, magic);
        if (!fault.IsNone) return fault;

        int info = DaBlockInfo.SizeOf(identity.HasCrc);
        int level = block.U16(info + At.LevelAt);
        if (level is 0 or > LevelMax) return BlockFault.Wrong("level", $"1 to {LevelMax}", $"{level}");
        // The count is disk input: bounded here, before it becomes a length.
        ReadOnlySpan<byte> body = block[At.HeaderSizeOf(identity.HasCrc)..];
        int count = block.U16(info + At.CountAt);
        int countMax = body.Length / DaNodeEntry.Size;
        if (count == 0 || count > countMax) return BlockFault.Wrong("count", $"1 to {countMax}", $"{count}");
        var node = new DaNode(body[..(count * DaNodeEntry.Size)])
        {
            Level = level,
            Forward = new(block.U32(DaBlockInfo.ForwardAt)),
            Back = new(block.U32(DaBlockInfo.BackAt)),
            Owner = new(DaBlockInfo.OwnerOf(block, identity.HasCrc)),
        };
        fault = node.CheckEntries();
        if (fault.IsNone) opened = node;
        return fault;
    }

    private BlockFault CheckEntries()
    {
        uint previous = 0;
        for (int index = 0; index < Count; index++)
        {
            DaNodeEntry entry = this[index];
            if (entry.Hash < previous)
            {
                return BlockFault.Wrong($"btree[{index}].hashval", $"at least 0x{previous:x}", $"0x{entry.Hash:x}");
            }

            // Block 0 is the root of an attribute fork and data in a directory: nobody's child.
            if (entry.Child.Value == 0) return BlockFault.Bad($"btree[{index}].before", "0");
            previous = entry.Hash;
        }

        return BlockFault.None;
    }

    /// <summary>Field positions after the block's info, each the sum of the widths before it.</summary>
    public static class At
    {
        public const int CountAt = 0;
        public const int LevelAt = CountAt + sizeof(ushort);
        private const int PaddingAt = LevelAt + sizeof(ushort);

        /// <summary>V5 pads the header to eight bytes.</summary>
        public static int HeaderSizeOf(bool hasCrc) =>
            hasCrc ? DaBlockInfo.SizeV5 + PaddingAt + sizeof(uint) : DaBlockInfo.SizeV4 + PaddingAt;
    }
}
