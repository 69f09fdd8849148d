// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// A chunk of inodes that was allocated: what its blocks are initialised with is not logged. Source of the format:
/// xfs_log_format.h (struct xfs_icreate_log); big-endian but for type and size.
/// </summary>
internal readonly struct InodeCreateItem
{
    private const int SizeAt = sizeof(ushort);
    private const int GroupAt = SizeAt + sizeof(ushort);
    private const int BlockAt = GroupAt + sizeof(uint);
    private const int CountAt = BlockAt + sizeof(uint);
    private const int InodeSizeAt = CountAt + sizeof(uint);
    private const int LengthAt = InodeSizeAt + sizeof(uint);
    private const int GenerationAt = LengthAt + sizeof(uint);
    private const int FormatSize = GenerationAt + sizeof(uint);

    private readonly LogItem _item;

    private InodeCreateItem(LogItem item) => _item = item;

    public uint Group => Bytes.U32(GroupAt);

    public AgBlock Block => new(Bytes.U32(BlockAt));

    /// <summary>Inodes.</summary>
    public uint Count => Bytes.U32(CountAt);

    public uint InodeSize => Bytes.U32(InodeSizeAt);

    /// <summary>Filesystem blocks.</summary>
    public uint Length => Bytes.U32(LengthAt);

    public uint Generation => Bytes.U32(GenerationAt);

    private ReadOnlySpan<byte> Bytes => _item.Region(0);

    public static BlockFault TryOpen(LogItem item, Geometry geometry, out InodeCreateItem opened)
    {
        opened = default;
        int length = item.Region(0).Length;
        if (length < FormatSize) return BlockFault.OutOfBounds("icl length", FormatSize, (ulong)length);
        var view = new InodeCreateItem(item);
        if (view.Group >= geometry.AgCount) return BlockFault.OutOfBounds("icl_ag", view.Group, geometry.AgCount - 1);
        if (view.InodeSize != geometry.InodeSize)
        {
            return BlockFault.Wrong("icl_isize", (ulong)geometry.InodeSize, view.InodeSize);
        }

        if (view.Length == 0 || view.Block.Value == 0
            || !geometry.IsValid(view.Group, view.Block, view.Length))
        {
            return BlockFault.Bad("icl_agbno", $"blocks {view.Block}+{view.Length} of group {view.Group}");
        }

        if (view.Count == 0 || view.Count >> geometry.InodesPerBlockLog != view.Length)
        {
            return BlockFault.Wrong("icl_count", (ulong)view.Length << geometry.InodesPerBlockLog, view.Count);
        }

        opened = view;
        return BlockFault.None;
    }
}
