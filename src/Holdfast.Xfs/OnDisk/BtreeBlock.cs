// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// One btree block of any kind, viewed in place: header checked, record count bounded by the block's size.
/// Source of the format: xfs_format.h (struct xfs_btree_block).
/// </summary>
public readonly ref struct BtreeBlock
{
    internal const int MagicAt = 0;
    internal const int LevelAt = MagicAt + sizeof(uint);
    internal const int CountAt = LevelAt + sizeof(ushort);
    internal const int LeftSiblingAt = CountAt + sizeof(ushort);

    internal const int ShortV4Size = LeftSiblingAt + 2 * sizeof(uint);
    internal const int ShortLsnAt = ShortV4Size + sizeof(ulong); // after the block's own address
    internal const int ShortUuidAt = ShortLsnAt + sizeof(ulong);
    internal const int ShortOwnerAt = ShortUuidAt + 16;
    internal const int ShortCrcAt = ShortOwnerAt + sizeof(uint);
    private const int ShortV5Size = ShortCrcAt + sizeof(uint);

    internal const int LongV4Size = LeftSiblingAt + 2 * sizeof(ulong);
    internal const int LongLsnAt = LongV4Size + sizeof(ulong);
    internal const int LongUuidAt = LongLsnAt + sizeof(ulong);
    internal const int LongOwnerAt = LongUuidAt + 16;
    internal const int LongCrcAt = LongOwnerAt + sizeof(ulong);
    internal const int LongV5Size = LongCrcAt + 2 * sizeof(uint); // padded

    private readonly ReadOnlySpan<byte> _body;
    private readonly BtreeFormat _format;

    private readonly int _childrenMax;

    private BtreeBlock(ReadOnlySpan<byte> body, BtreeFormat format, int level, int count)
        : this(body, format, level, count, ChildrenMax(body.Length, format))
    {
    }

    private BtreeBlock(ReadOnlySpan<byte> body, BtreeFormat format, int level, int count, int childrenMax)
    {
        _childrenMax = childrenMax;
        _body = body;
        _format = format;
        Level = level;
        Count = count;
    }

    /// <summary>0 for a leaf.</summary>
    public int Level { get; }

    /// <summary>Records in a leaf, children in a node.</summary>
    public int Count { get; }

    public bool IsLeaf => Level == 0;

    /// <summary>The leaf's records, end to end.</summary>
    public ReadOnlySpan<byte> Records => _body[..(Count * _format.RecordSize)];

    public ReadOnlySpan<byte> Record(int index) => _body.Slice(index * _format.RecordSize, _format.RecordSize);

    public ReadOnlySpan<byte> Key(int child) => _body.Slice(child * _format.KeyStride, _format.KeySize);

    /// <summary>The greatest key below the child; only where the format keeps it.</summary>
    public ReadOnlySpan<byte> HighKey(int child) =>
        _body.Slice(child * _format.KeyStride + _format.KeySize, _format.KeySize);

    public ulong Pointer(int child)
    {
        int at = _childrenMax * _format.KeyStride + child * _format.PointerSize;
        return _format.IsLong ? _body.U64(at) : _body.U32(at);
    }

    public static int HeaderSize(BtreeFormat format, bool hasCrc) =>
        format.IsLong ? (hasCrc ? LongV5Size : LongV4Size) : hasCrc ? ShortV5Size : ShortV4Size;

    public static int ChildrenMax(int bodySize, BtreeFormat format) => bodySize / (format.KeyStride
        + format.PointerSize);

    public static int CrcAt(BtreeFormat format) => format.IsLong ? LongCrcAt : ShortCrcAt;

    /// <param name="block">One filesystem block.</param>
    /// <param name="format">Which btree it should belong to.</param>
    /// <param name="identity">Owner is the group's or the inode's number.</param>
    /// <param name="level">The level the parent says it has.</param>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> block, BtreeFormat format, scoped in BlockIdentity identity, int level, out BtreeBlock view)
    {
        view = default;
        uint magic = identity.HasCrc ? format.MagicV5 : format.MagicV4;
        if (block.U32(MagicAt) != magic) return BlockFault.WrongHex("bb_magic", magic, block.U32(MagicAt));
        if (identity.HasCrc)
        {
            BlockFault fault = CheckIdentity(block, format, in identity);
            if (!fault.IsNone) return fault;
        }

        if (block.U16(LevelAt) != level) return BlockFault.Wrong("bb_level", (ulong)level, block.U16(LevelAt));
        ReadOnlySpan<byte> body = block[HeaderSize(format, identity.HasCrc)..];
        int countMax = level == 0 ? body.Length / format.RecordSize : ChildrenMax(body.Length, format);
        int count = block.U16(CountAt);
        if (count > countMax) return BlockFault.OutOfBounds("bb_numrecs", (ulong)count, (ulong)countMax);
        if (count == 0 && level > 0) return BlockFault.Wrong("bb_numrecs", "at least 1", "0");
        view = new BtreeBlock(body, format, level, count);
        return BlockFault.None;
    }

    /// <summary>The level that a block gives itself.</summary>
    internal static int LevelOf(ReadOnlySpan<byte> block) => block.U16(LevelAt);

    /// <summary>The view of a block that <see cref="TryOpen"/> has agreed to before.</summary>
    internal static BtreeBlock Trusted(ReadOnlySpan<byte> block, BtreeFormat format, bool hasCrc) =>
        new(block[HeaderSize(format, hasCrc)..], format, block.U16(LevelAt), block.U16(CountAt));

    /// <summary>A root that lies in an inode: no header of its own, keys and pointers split over its own
    /// room.</summary>
    internal static BtreeBlock InlineRoot(
        ReadOnlySpan<byte> body, BtreeFormat format, int level, int count, int childrenMax) =>
        new(body, format, level, count, childrenMax);

    private static BlockFault CheckIdentity(ReadOnlySpan<byte> block, BtreeFormat format, in BlockIdentity identity)
    {
        int addressAt = format.IsLong ? LongV4Size : ShortV4Size;
        int uuidAt = format.IsLong ? LongUuidAt : ShortUuidAt;
        int crcAt = CrcAt(format);
        if (!Crc32c.Verify(block, crcAt))
        {
            return BlockFault.WrongHex("bb_crc", Crc32c.Compute(block, crcAt), Crc32c.Stored(block, crcAt));
        }

        if (block.U64(addressAt) != identity.Address.Value)
        {
            return BlockFault.Wrong("bb_blkno", identity.Address.Value, block.U64(addressAt));
        }

        if (block.Uuid(uuidAt) != identity.Uuid)
        {
            return BlockFault.Wrong("bb_uuid", $"{identity.Uuid}", $"{block.Uuid(uuidAt)}");
        }
        ulong owner = format.IsLong ? block.U64(LongOwnerAt) : block.U32(ShortOwnerAt);
        return identity.Owner is { } wanted && owner != wanted
            ? BlockFault.Wrong("bb_owner", wanted, owner)
            : BlockFault.None;
    }
}
