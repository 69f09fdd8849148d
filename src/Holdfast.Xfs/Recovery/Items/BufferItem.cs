// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// Changed chunks of a metadata buffer: a bitmap tells which, and each run of them follows as a region, or as several
/// (L8). Source of the format: xfs_log_format.h (struct xfs_buf_log_format), in host byte order.
/// </summary>
internal readonly struct BufferItem
{
    /// <summary>Bytes that one bit of the bitmap stands for.</summary>
    public const int ChunkSize = 128;

    private const ushort InodeBufferFlag = 1 << 0;
    private const ushort CancelFlag = 1 << 1;
    private const ushort UserDquotFlag = 1 << 2;
    private const ushort ProjectDquotFlag = 1 << 3;
    private const ushort GroupDquotFlag = 1 << 4;
    private const int TypeShift = 11;

    private const int SizeAt = sizeof(ushort);
    private const int FlagsAt = SizeAt + sizeof(ushort);
    private const int LengthAt = FlagsAt + sizeof(ushort);
    private const int BlockAt = LengthAt + sizeof(ushort);
    private const int MapSizeAt = BlockAt + sizeof(ulong);
    private const int MapAt = MapSizeAt + sizeof(uint);

    private const int BitsPerWord = 32;

    /// <summary>Bytes of the largest buffer: a directory block of 64 KiB.</summary>
    private const int BytesMax = 65536;

    private readonly LogItem _item;
    private readonly ReadOnlyMemory<byte> _format;

    private BufferItem(LogItem item)
    {
        _item = item;
        _format = item.RegionMemory(0);
    }

    /// <summary>Disk address of the buffer, in 512-byte sectors.</summary>
    public ulong Block => _format.Span.Host64(BlockAt);

    /// <summary>512-byte sectors in the buffer.</summary>
    public ushort Sectors => _format.Span.Host16(LengthAt);

    public long Offset => (long)(Block * DiskAddress.Size);

    public int Length => Sectors * DiskAddress.Size;

    public ushort Flags => _format.Span.Host16(FlagsAt);

    /// <summary>Words in the bitmap.</summary>
    public int MapSize => (int)_format.Span.Host32(MapSizeAt);

    public ushort Size => _format.Span.Host16(SizeAt);

    /// <summary>The buffer was freed: earlier items of it are not replayed.</summary>
    public bool IsCancel => (Flags & CancelFlag) != 0;

    /// <summary>Only the links of unlinked inodes are taken from it (L14).</summary>
    public bool IsInodeBuffer => (Flags & InodeBufferFlag) != 0;

    public bool IsDquotBuffer => DquotType != DquotType.None;

    /// <summary>The quotas of which it holds records.</summary>
    public DquotType DquotType => ((Flags & UserDquotFlag) != 0 ? DquotType.User : 0)
        | ((Flags & ProjectDquotFlag) != 0 ? DquotType.Project : 0)
        | ((Flags & GroupDquotFlag) != 0 ? DquotType.Group : 0);

    public BufferType Type => (BufferType)(Flags >> TypeShift);

    /// <summary>Bytes that the bitmap can speak of.</summary>
    private int Bits => MapSize * BitsPerWord;

    public static BlockFault TryOpen(LogItem item, out BufferItem opened)
    {
        opened = default;
        int length = item.Region(0).Length;
        if (length < MapAt) return BlockFault.OutOfBounds("blf length", MapAt, (ulong)length);
        var view = new BufferItem(item);
        if (view.MapSize < 0 || view.MapSize > (length - MapAt) / sizeof(uint))
        {
            return BlockFault.OutOfBounds("blf_map_size", (uint)view.MapSize, (ulong)(length - MapAt) / sizeof(uint));
        }

        if (view.Length is 0 or > BytesMax) return BlockFault.OutOfBounds("blf_len", view.Sectors, BytesMax / 512);
        if (view.Block > (ulong)(long.MaxValue / DiskAddress.Size - view.Sectors))
        {
            return BlockFault.OutOfBounds("blf_blkno", view.Block, long.MaxValue / DiskAddress.Size);
        }

        opened = view;
        return BlockFault.None;
    }

    /// <summary>The changed runs of bytes with their new content, in order.</summary>
    /// <returns>The fault where regions and bitmap do not agree; the runs before it were handed out.</returns>
    public BlockFault ForEachRun<TState>(TState state, Action<TState, int, ReadOnlyMemory<byte>> each)
    {
        int region = 1;
        for (int bit = NextSet(0); bit >= 0; bit = NextSet(bit))
        {
            int bits = ContiguousFrom(bit);
            if (region >= _item.RegionCount) return TooFew(region);
            ReadOnlyMemory<byte> bytes = _item.RegionMemory(region++);
            // A run that lies on two pages of memory comes as two regions.
            bits = Math.Min(bits, bytes.Length / ChunkSize);
            int at = bit * ChunkSize;
            if (bits == 0 || at + bits * ChunkSize > Length)
            {
                return BlockFault.Bad("blf_data_map", $"{bytes.Length} bytes at {at} of a buffer of {Length}");
            }

            each(state, at, bytes[..(bits * ChunkSize)]);
            bit += bits;
        }

        return BlockFault.None;
    }

    private static BlockFault TooFew(int region) =>
        BlockFault.Bad("blf_size", $"the bitmap has more runs than the {region - 1} that follow");

    private bool IsSet(int bit) =>
        (_format.Span.Host32(MapAt + bit / BitsPerWord * sizeof(uint)) >> bit % BitsPerWord & 1) != 0;

    private int NextSet(int bit)
    {
        while (bit < Bits && !IsSet(bit)) bit++;
        return bit < Bits ? bit : -1;
    }

    private int ContiguousFrom(int bit)
    {
        int end = bit;
        while (end < Bits && IsSet(end)) end++;
        return end - bit;
    }
}
