// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>Which parts of an inode an item holds. Source: xfs_log_format.h (XFS_ILOG_*).</summary>
[Flags]
internal enum InodeParts : uint
{
    Core = 0x001,
    DataLocal = 0x002,
    DataExtents = 0x004,
    DataRoot = 0x008,
    Device = 0x010,
    AttributeLocal = 0x040,
    AttributeExtents = 0x080,
    AttributeRoot = 0x100,
    DataOwner = 0x200,
    AttributeOwner = 0x400,

    Data = DataLocal | DataExtents | DataRoot,
    Attribute = AttributeLocal | AttributeExtents | AttributeRoot,
}

/// <summary>
/// An inode as a transaction left it: its core, and those forks that changed. Two layouts: a 32-bit kernel pads
/// differently (L16). Source of the format: xfs_log_format.h (struct xfs_inode_log_format and its _32 twin).
/// </summary>
internal readonly struct InodeItem
{
    private const int SizeAt = sizeof(ushort);
    private const int FieldsAt = SizeAt + sizeof(ushort);
    private const int AttributeSizeAt = FieldsAt + sizeof(uint);
    private const int DataSizeAt = AttributeSizeAt + sizeof(ushort);
    private const int PaddingAt = DataSizeAt + sizeof(ushort);
    private const int UnionSize = 16;

    /// <summary>Bytes from the inode's number on, in both layouts.</summary>
    private const int TailSize = sizeof(ulong) + UnionSize + sizeof(ulong) + 2 * sizeof(uint);

    private const int FormatSize64 = PaddingAt + sizeof(uint) + TailSize;
    private const int FormatSize32 = PaddingAt + TailSize;

    private const int DeviceAt = sizeof(ulong);
    private const int BlockAt = DeviceAt + UnionSize;
    private const int LengthAt = BlockAt + sizeof(ulong);
    private const int BufferOffsetAt = LengthAt + sizeof(uint);

    private const int SectorsMax = 65536 / DiskAddress.Size;

    private readonly LogItem _item;
    private readonly int _tailAt;

    private InodeItem(LogItem item, int tailAt)
    {
        _item = item;
        _tailAt = tailAt;
    }

    /// <summary>Regions: the format, the core, and one for each fork that is logged.</summary>
    public ushort Size => Format.Host16(SizeAt);

    public InodeParts Parts => (InodeParts)Format.Host32(FieldsAt);

    public ushort AttributeSize => Format.Host16(AttributeSizeAt);

    public ushort DataSize => Format.Host16(DataSizeAt);

    public InodeNumber Inode => new(Tail.Host64(0));

    /// <summary>The device number of a device file, as it is on disk.</summary>
    public uint Device => Tail.Host32(DeviceAt);

    /// <summary>Disk address of the buffer that the inode lies in.</summary>
    public ulong Block => Tail.Host64(BlockAt);

    /// <summary>512-byte sectors of that buffer.</summary>
    public uint Sectors => Tail.Host32(LengthAt);

    /// <summary>Byte offset of the inode in the buffer.</summary>
    public uint BufferOffset => Tail.Host32(BufferOffsetAt);

    public ReadOnlySpan<byte> Core => _item.RegionCount > 1 ? _item.Region(1) : default;

    public ReadOnlySpan<byte> DataFork =>
        (Parts & InodeParts.Data) != 0 && _item.RegionCount > 2 ? _item.Region(2) : default;

    public ReadOnlySpan<byte> AttributeFork
    {
        get
        {
            int region = (Parts & InodeParts.Data) != 0 ? 3 : 2;
            return (Parts & InodeParts.Attribute) != 0 && _item.RegionCount > region ? _item.Region(region) : default;
        }
    }

    private ReadOnlySpan<byte> Format => _item.Region(0);

    private ReadOnlySpan<byte> Tail => _item.Region(0).Slice(_tailAt, TailSize);

    public static BlockFault TryOpen(LogItem item, int inodeSize, out InodeItem opened)
    {
        opened = default;
        int length = item.Region(0).Length;
        if (length is not (FormatSize64 or FormatSize32))
        {
            return BlockFault.Wrong("ilf length", $"{FormatSize64} or {FormatSize32} bytes", $"{length}");
        }

        var view = new InodeItem(item, length - TailSize);
        if (item.RegionCount < item.RegionsDeclared || view.Size is < 2 or > 4)
        {
            return BlockFault.Wrong("ilf_size", "2 to 4 regions, all of them there", $"{item.RegionCount}");
        }

        if (view.Sectors is 0 or > SectorsMax) return BlockFault.OutOfBounds("ilf_len", view.Sectors, SectorsMax);
        if (view.Block > long.MaxValue / DiskAddress.Size - SectorsMax)
        {
            return BlockFault.OutOfBounds("ilf_blkno", view.Block, long.MaxValue / DiskAddress.Size);
        }

        ulong lengthMax = view.Sectors * (ulong)DiskAddress.Size;
        if (view.BufferOffset % inodeSize != 0 || view.BufferOffset + (ulong)inodeSize > lengthMax)
        {
            return BlockFault.OutOfBounds("ilf_boffset", view.BufferOffset, lengthMax - (ulong)inodeSize);
        }

        opened = view;
        return BlockFault.None;
    }
}
