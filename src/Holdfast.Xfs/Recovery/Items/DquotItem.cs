// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// A quota record as a transaction left it. Source of the format: xfs_log_format.h (struct xfs_dq_logformat), in host
/// byte order; the record itself is as on disk.
/// </summary>
internal readonly struct DquotItem
{
    /// <summary>Bytes of the record that are logged: without its checksum and what follows.</summary>
    public const int RecordSize = 104;

    private const int IdAt = 2 * sizeof(ushort);
    private const int BlockAt = IdAt + sizeof(uint);
    private const int LengthAt = BlockAt + sizeof(ulong);
    private const int BufferOffsetAt = LengthAt + sizeof(uint);
    private const int FormatSize = BufferOffsetAt + sizeof(uint);

    private readonly LogItem _item;

    private DquotItem(LogItem item) => _item = item;

    public uint Id => Bytes.Host32(IdAt);

    public ulong Block => Bytes.Host64(BlockAt);

    public uint BufferOffset => Bytes.Host32(BufferOffsetAt);

    public ReadOnlySpan<byte> Record => _item.Region(1)[..RecordSize];

    /// <summary>Byte offset of the record on the data device.</summary>
    public long Offset => (long)(Block * DiskAddress.Size + BufferOffset);

    private ReadOnlySpan<byte> Bytes => _item.Region(0);

    public static BlockFault TryOpen(LogItem item, out DquotItem opened)
    {
        opened = default;
        int length = item.Region(0).Length;
        if (length < FormatSize) return BlockFault.OutOfBounds("qlf length", FormatSize, (ulong)length);
        if (item.RegionCount < 2 || item.Region(1).Length < RecordSize)
        {
            return BlockFault.Wrong("qlf_size", "a record that is there", $"{item.RegionCount} regions");
        }

        var view = new DquotItem(item);
        if (view.Block > long.MaxValue / DiskAddress.Size / 2 || view.BufferOffset > 65536 - Dquot.Size)
        {
            return BlockFault.Bad("qlf_blkno", $"{view.Block}, byte {view.BufferOffset}");
        }

        opened = view;
        return BlockFault.None;
    }
}
