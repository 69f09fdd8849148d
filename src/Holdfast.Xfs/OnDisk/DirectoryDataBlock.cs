// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A block of directory entries, viewed in place: one of many (data form), or a whole directory with its hash index
/// at the end (single-block form). <see cref="TryOpen"/> has walked the block from end to end, so that every entry
/// lies within it. Source of the format: xfs_da_format.h (struct xfs_dir3_data_hdr, xfs_dir2_data_entry,
/// xfs_dir2_data_unused, xfs_dir2_block_tail).
/// </summary>
public readonly ref struct DirectoryDataBlock
{
    /// <summary>Entries begin at multiples of this many bytes.</summary>
    public const int Alignment = 8;

    private readonly ReadOnlySpan<byte> _block;
    private readonly int _start;
    private readonly int _end;
    private readonly bool _hasFileTypes;

    private DirectoryDataBlock(ReadOnlySpan<byte> block, int start, int end, bool hasFileTypes)
    {
        _block = block;
        _start = start;
        _end = end;
        _hasFileTypes = hasFileTypes;
    }

    /// <summary>The block is the whole directory: the directory's size must be one block.</summary>
    public bool IsSingleBlock { get; private init; }

    /// <summary>The hash index of a single-block directory; empty in the data form.</summary>
    public DirectoryLeafEntries Leaf { get; private init; }

    /// <summary>The inode of the directory, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; private init; }

    /// <summary>Entries in use.</summary>
    public int Count { get; private init; }

    public DirectoryEntryEnumerator GetEnumerator() => new(_block[.._end], _start, _hasFileTypes);

    /// <summary>
    /// Verifies and views a directory block. Which of the two forms it has, its magic says; the caller knows which one
    /// is right. <paramref name="hasFileTypes"/> is <see cref="Features.FileTypes"/>.
    /// </summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> block, scoped in BlockIdentity identity, bool hasFileTypes, out DirectoryDataBlock opened)
    {
        opened = default;
        (uint data, uint single) = identity.HasCrc
            ? (Magic.DirectoryDataV5, Magic.DirectoryBlockV5)
            : (Magic.DirectoryDataV4, Magic.DirectoryBlockV4);
        bool isSingle = block.Length >= sizeof(uint) && block.U32(DirectoryBlockHeader.MagicAt) == single;
        BlockFault fault = DirectoryBlockHeader.Check(block, in identity, isSingle ? single : data);
        if (!fault.IsNone) return fault;

        int start = At.HeaderSizeOf(identity.HasCrc);
        int end = block.Length;
        DirectoryLeafEntries leaf = default;
        if (isSingle)
        {
            fault = TryOpenTail(block, start, out end, out leaf);
            if (!fault.IsNone) return fault;
        }

        fault = DirectoryEntryEnumerator.Check(block[..end], start, hasFileTypes, out int count);
        if (!fault.IsNone) return fault;
        if (isSingle && leaf.Count - leaf.StaleCount != count)
        {
            return BlockFault.Wrong("btail.count", (ulong)(count + leaf.StaleCount), (ulong)leaf.Count);
        }

        opened = new DirectoryDataBlock(block, start, end, hasFileTypes)
        {
            IsSingleBlock = isSingle,
            Leaf = leaf,
            Count = count,
            Owner = new(identity.HasCrc ? block.U64(DirectoryBlockHeader.OwnerAt) : 0),
        };
        return BlockFault.None;
    }

    /// <summary>
    /// The entry at a byte offset in this block, as a leaf entry's address gives it; false where none is there.
    /// </summary>
    public bool TryGetEntry(int offset, out DirectoryEntry entry)
    {
        entry = default;
        if (offset < _start || offset >= _end || offset % Alignment != 0) return false;
        return DirectoryEntryEnumerator.TryRead(_block[.._end], offset, _hasFileTypes, out entry);
    }

    private static BlockFault TryOpenTail(
        ReadOnlySpan<byte> block, int start, out int end, out DirectoryLeafEntries leaf)
    {
        leaf = default;
        end = block.Length - At.TailSize;
        ReadOnlySpan<byte> tail = block[end..];
        uint count = tail.U32(At.TailCountAt);
        uint stale = tail.U32(At.TailStaleAt);
        // Disk input, bounded before it becomes a length.
        uint countMax = (uint)(end - start) / DirectoryLeafEntry.Size;
        if (count > countMax) return BlockFault.OutOfBounds("btail.count", count, countMax);
        if (stale > count) return BlockFault.OutOfBounds("btail.stale", stale, count);
        int entriesEnd = end;
        end -= (int)count * DirectoryLeafEntry.Size;
        return DirectoryLeafEntries.TryOpen(block[end..entriesEnd], stale, out leaf);
    }

    /// <summary>Field positions, each the sum of the widths before it.</summary>
    public static class At
    {
        private const int BestFreeCount = 3;
        private const int BestFreeSize = BestFreeCount * (sizeof(ushort) + sizeof(ushort));
        private const int HeaderPadding = sizeof(uint); // V5: to eight bytes

        public const int HeaderSizeV4 = DirectoryBlockHeader.SizeV4 + BestFreeSize;
        public const int HeaderSizeV5 = DirectoryBlockHeader.SizeV5 + BestFreeSize + HeaderPadding;

        public const int InodeAt = 0;
        public const int NameLengthAt = InodeAt + sizeof(ulong);
        public const int NameAt = NameLengthAt + 1;
        public const int FileTypeSize = 1; // between name and tag, where the filesystem has it
        public const int TagSize = sizeof(ushort);

        public const int FreeTagAt = 0;
        public const int FreeLengthAt = FreeTagAt + sizeof(ushort);
        public const ushort FreeTag = 0xffff;

        public const int TailCountAt = 0;
        public const int TailStaleAt = TailCountAt + sizeof(uint);
        public const int TailSize = TailStaleAt + sizeof(uint);

        public static int HeaderSizeOf(bool hasCrc) => hasCrc ? HeaderSizeV5 : HeaderSizeV4;

        /// <summary>Bytes that an entry takes.</summary>
        public static int EntrySizeOf(int nameLength, bool hasFileTypes)
        {
            int size = NameAt + nameLength + (hasFileTypes ? FileTypeSize : 0) + TagSize;
            return (size + Alignment - 1) & ~(Alignment - 1);
        }
    }
}
