// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A leaf block of an attribute fork, viewed in place: entries sorted by the hash of their names, and names with small
/// values packed from the end of the block. Source of the format: xfs_da_format.h (struct xfs_attr3_leaf_hdr,
/// xfs_attr_leaf_entry, xfs_attr_leaf_name_local, xfs_attr_leaf_name_remote).
/// </summary>
public readonly ref struct AttributeLeaf
{
    private readonly ReadOnlySpan<byte> _block;
    private readonly ReadOnlySpan<byte> _entries;

    private AttributeLeaf(ReadOnlySpan<byte> block, ReadOnlySpan<byte> entries)
    {
        _block = block;
        _entries = entries;
    }

    /// <summary>May be 0: a leaf that the last attribute was removed from can stay for a while.</summary>
    public int Count => _entries.Length / At.EntrySize;

    /// <summary>The next leaf; 0 where there is none.</summary>
    public FileBlock Forward { get; private init; }

    /// <summary>The previous leaf; 0 where there is none.</summary>
    public FileBlock Back { get; private init; }

    /// <summary>The inode, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; private init; }

    public AttributeEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(index * At.EntrySize, At.EntrySize);
            var flags = (AttributeBits)entry[At.FlagsAt];
            ReadOnlySpan<byte> item = _block[entry.U16(At.NameIndexAt)..];
            if ((flags & AttributeBits.Local) != 0)
            {
                int nameLength = item[At.LocalNameLengthAt];
                ReadOnlySpan<byte> value = item.Slice(At.LocalNameAt + nameLength, item.U16(At.LocalValueLengthAt));
                return new(flags, item.Slice(At.LocalNameAt, nameLength), value);
            }

            ReadOnlySpan<byte> name = item.Slice(At.RemoteNameAt, item[At.RemoteNameLengthAt]);
            var block = new FileBlock(item.U32(At.RemoteBlockAt));
            return new(flags, name, block, (int)item.U32(At.RemoteValueLengthAt));
        }
    }

    /// <summary>The hash that entry <paramref name="index"/> is sorted by.</summary>
    public uint HashOf(int index) => _entries.U32(index * At.EntrySize + At.HashAt);

    /// <summary>
    /// Index of the first entry whose hash is not below <paramref name="hash"/>; <see cref="Count"/> where there is
    /// none. All that follow with the same hash are candidates.
    /// </summary>
    public int FirstNotBelow(uint hash)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (HashOf(middle) < hash) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public static BlockFault TryOpen(ReadOnlySpan<byte> block, in BlockIdentity identity, out AttributeLeaf opened)
    {
        opened = default;
        ushort magic = identity.HasCrc ? Magic.AttributeLeafV5 : Magic.AttributeLeafV4;
        BlockFault fault = DaBlockInfo.Check(block, in identity, magic);
        if (!fault.IsNone) return fault;

        // Disk input: bounded here, before it becomes a length.
        int header = At.HeaderSizeOf(identity.HasCrc);
        int info = DaBlockInfo.SizeOf(identity.HasCrc);
        int count = block.U16(info + At.CountAt);
        int countMax = (block.Length - header) / At.EntrySize;
        if (count > countMax) return BlockFault.OutOfBounds("count", (ulong)count, (ulong)countMax);
        int entriesEnd = header + count * At.EntrySize;
        int firstUsed = block.U16(info + At.FirstUsedAt);
        // The end of a 64 KiB block does not fit into the field: 0 stands for it.
        if (firstUsed == 0) firstUsed = BlockStamp.BlockSizeMax;
        if (firstUsed < entriesEnd || firstUsed > block.Length)
        {
            return BlockFault.Wrong("firstused", $"{entriesEnd} to {block.Length}", $"{firstUsed}");
        }

        fault = CheckEntries(block, block[header..entriesEnd], firstUsed);
        if (!fault.IsNone) return fault;
        opened = new AttributeLeaf(block, block[header..entriesEnd])
        {
            Forward = new(block.U32(DaBlockInfo.ForwardAt)),
            Back = new(block.U32(DaBlockInfo.BackAt)),
            Owner = new(DaBlockInfo.OwnerOf(block, identity.HasCrc)),
        };
        return BlockFault.None;
    }

    /// <summary>Verifies a leaf's table of entries, and the names and values that it points at.</summary>
    /// <param name="block">The whole leaf.</param>
    /// <param name="entries">Its table.</param>
    /// <param name="firstUsed">Byte of the block at which the lowest name begins.</param>
    internal static BlockFault CheckEntries(ReadOnlySpan<byte> block, ReadOnlySpan<byte> entries, int firstUsed)
    {
        uint previous = 0;
        for (int index = 0; index < entries.Length / At.EntrySize; index++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(index * At.EntrySize, At.EntrySize);
            uint hash = entry.U32(At.HashAt);
            if (hash < previous)
            {
                return BlockFault.Wrong($"entries[{index}].hashval", $"at least 0x{previous:x}", $"0x{hash:x}");
            }

            previous = hash;
            int at = entry.U16(At.NameIndexAt);
            if (at < firstUsed || at >= block.Length)
            {
                return BlockFault.Wrong($"entries[{index}].nameidx", $"{firstUsed} to {block.Length - 1}", $"{at}");
            }

            var flags = (AttributeBits)entry[At.FlagsAt];
            if (!flags.AreSound()) return BlockFault.Bad($"entries[{index}].flags", $"0x{(byte)flags:x}");
            BlockFault fault = CheckItem(block[at..], flags, index);
            if (!fault.IsNone) return fault;
        }

        return BlockFault.None;
    }

    private static BlockFault CheckItem(ReadOnlySpan<byte> item, AttributeBits flags, int index)
    {
        bool isLocal = (flags & AttributeBits.Local) != 0;
        int nameAt = isLocal ? At.LocalNameAt : At.RemoteNameAt;
        int nameLength = item.Length < nameAt ? 0 : item[isLocal ? At.LocalNameLengthAt : At.RemoteNameLengthAt];
        if (nameLength == 0) return BlockFault.Bad($"nvlist[{index}].namelen", "0");
        int valueLength = isLocal ? item.U16(At.LocalValueLengthAt) : 0;
        if (nameAt + nameLength + valueLength > item.Length)
        {
            return BlockFault.OutOfBounds(
                $"nvlist[{index}].valuelen", (ulong)valueLength, (ulong)Math.Max(0, item.Length - nameAt - nameLength));
        }

        if (isLocal) return BlockFault.None;
        uint remoteLength = item.U32(At.RemoteValueLengthAt);
        if (remoteLength > AttributeRemoteValue.LengthMax)
        {
            return BlockFault.OutOfBounds(
                $"nvlist[{index}].valuelen", remoteLength, AttributeRemoteValue.LengthMax);
        }

        // Block 0 of the fork is the root: no value lies there.
        bool mayLack = (flags & AttributeBits.Incomplete) != 0;
        return mayLack || item.U32(At.RemoteBlockAt) != 0
            ? BlockFault.None
            : BlockFault.Bad($"nvlist[{index}].valueblk", "0");
    }

    /// <summary>Field positions, each the sum of the widths before it; the header's after the block's info.</summary>
    public static class At
    {
        public const int CountAt = 0;
        public const int UsedBytesAt = CountAt + sizeof(ushort);
        public const int FirstUsedAt = UsedBytesAt + sizeof(ushort);
        public const int HolesAt = FirstUsedAt + sizeof(ushort);
        public const int FreeMapAt = HolesAt + 1 + 1; // one byte of padding
        private const int FreeMapCount = 3;
        private const int PaddingAt = FreeMapAt + FreeMapCount * (sizeof(ushort) + sizeof(ushort));

        public const int HashAt = 0;
        public const int NameIndexAt = HashAt + sizeof(uint);
        public const int FlagsAt = NameIndexAt + sizeof(ushort);
        public const int EntrySize = FlagsAt + 1 + 1; // one byte of padding

        public const int LocalValueLengthAt = 0;
        public const int LocalNameLengthAt = LocalValueLengthAt + sizeof(ushort);
        public const int LocalNameAt = LocalNameLengthAt + 1; // the value follows it

        public const int RemoteBlockAt = 0;
        public const int RemoteValueLengthAt = RemoteBlockAt + sizeof(uint);
        public const int RemoteNameLengthAt = RemoteValueLengthAt + sizeof(uint);
        public const int RemoteNameAt = RemoteNameLengthAt + 1;

        /// <summary>V5 pads the header to eight bytes.</summary>
        public static int HeaderSizeOf(bool hasCrc) =>
            hasCrc ? DaBlockInfo.SizeV5 + PaddingAt + sizeof(uint) : DaBlockInfo.SizeV4 + PaddingAt;
    }
}
