// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A block of a directory's free index, viewed in place: the longest free run of each of a row of data blocks. Losing
/// it loses no entry. Source of the format: xfs_da_format.h (struct xfs_dir3_free_hdr).
/// </summary>
public readonly ref struct DirectoryFreeBlock
{
    /// <summary>In place of a length: the directory has a hole there.</summary>
    public const ushort NoBlock = 0xffff;

    private readonly ReadOnlySpan<byte> _bests;

    private DirectoryFreeBlock(ReadOnlySpan<byte> bests) => _bests = bests;

    /// <summary>The data block, counted in directory blocks, that the first length is of.</summary>
    public uint FirstDataBlock { get; private init; }

    /// <summary>Data blocks spoken of (nvalid).</summary>
    public int Count => _bests.Length / sizeof(ushort);

    /// <summary>Those that are not holes (nused).</summary>
    public int UsedCount { get; private init; }

    /// <summary>The inode of the directory, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; private init; }

    /// <summary>Longest free run in bytes of data block <see cref="FirstDataBlock"/> + index, or NoBlock.</summary>
    public ushort this[int index] => _bests.U16(index * sizeof(ushort));

    public static BlockFault TryOpen(ReadOnlySpan<byte> block, scoped in BlockIdentity identity,
        out DirectoryFreeBlock opened)
    {
        opened = default;
        uint magic = identity.HasCrc ? Magic.DirectoryFreeV5 : Magic.DirectoryFreeV4;
        BlockFault fault = DirectoryBlockHeader.Check(block, in identity, magic);
        if (!fault.IsNone) return fault;

        int header = DirectoryBlockHeader.SizeOf(identity.HasCrc);
        ReadOnlySpan<byte> body = block[At.HeaderSizeOf(identity.HasCrc)..];
        uint countMax = (uint)body.Length / sizeof(ushort);
        uint first = block.U32(header + At.FirstAt);
        uint count = block.U32(header + At.ValidAt);
        uint used = block.U32(header + At.UsedAt);
        // Disk input: bounded here, before it becomes a length.
        if (count > countMax) return BlockFault.OutOfBounds("nvalid", count, countMax);
        if (used > count) return BlockFault.OutOfBounds("nused", used, count);
        if (first % countMax != 0) return BlockFault.Wrong("firstdb", $"a multiple of {countMax}", $"{first}");
        opened = new DirectoryFreeBlock(body[..((int)count * sizeof(ushort))])
        {
            FirstDataBlock = first,
            UsedCount = (int)used,
            Owner = new(identity.HasCrc ? block.U64(DirectoryBlockHeader.OwnerAt) : 0),
        };
        return BlockFault.None;
    }

    /// <summary>Field positions after the directory block's header, each the sum of the widths before it.</summary>
    public static class At
    {
        public const int FirstAt = 0;
        public const int ValidAt = FirstAt + sizeof(uint);
        public const int UsedAt = ValidAt + sizeof(uint);
        private const int PaddingAt = UsedAt + sizeof(uint);

        /// <summary>V5 pads the header to eight bytes.</summary>
        public static int HeaderSizeOf(bool hasCrc) => hasCrc
            ? DirectoryBlockHeader.SizeV5 + PaddingAt + sizeof(uint)
            : DirectoryBlockHeader.SizeV4 + PaddingAt;
    }
}
