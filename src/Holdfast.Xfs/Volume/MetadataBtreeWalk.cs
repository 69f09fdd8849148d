// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Names the blocks of a btree that is rooted in an inode of the metadata directory (a realtime group's rtrmapbt or
/// rtrefcountbt). Its records speak of the realtime device and are not read here; its blocks lie on the data device,
/// and the reverse map keeps them as the inode's block map. Bounded: levels fall, no block is entered twice.
/// </summary>
internal static class MetadataBtreeWalk
{
    internal const ushort TypeRtrmap = 7; // XFS_METAFILE_RTRMAP
    internal const ushort TypeRtrefcount = TypeRtrmap + 1; // XFS_METAFILE_RTREFCOUNT

    public static void Run<TVisitor>(XfsVolume volume, in Inode inode, ReadOnlySpan<byte> area, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        BtreeFormat format = inode.MetadataType == TypeRtrmap ? BtreeFormat.Rtrmapbt : BtreeFormat.Rtrefcountbt;
        BlockFault fault = InlineBtreeRoot.TryOpen(area, format, out BtreeBlock root);
        if (!fault.IsNone)
        {
            volume.Faults.Add(
                fault, DeviceRole.Data, volume.Geometry.ByteOf(inode.Number), volume.Geometry.InodeSize,
                $"{format.Word} of inode {inode.Number}");
            visitor.Lost(FsBlock.Null, 0, ForkWalk.OffsetEnd);
            return;
        }

        if (root.Level == 0) return;
        var open = new Stack<(FsBlock Block, int Level)>();
        var visited = new HashSet<ulong>();
        Push(in root, open, ref visitor);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(volume.Geometry.BlockSize);
        while (open.TryPop(out (FsBlock Block, int Level) next))
        {
            if (next.Level == 0 || !visitor.Wants(next.Level, 0, ForkWalk.OffsetEnd)) continue;
            BtreeBlock node = default;
            fault = visited.Add(next.Block.Value)
                ? Read(volume, inode.Number, format, next.Block, next.Level, buffer, out node)
                : BlockFault.Bad("bb_ptr", "the block is in the tree twice");
            if (fault.IsNone)
            {
                Push(in node, open, ref visitor);
                continue;
            }

            long at = volume.Geometry.IsValid(next.Block)
                ? volume.Geometry.ByteOf(next.Block)
                : volume.Geometry.ByteOf(inode.Number);
            volume.Faults.Add(
                fault, DeviceRole.Data, at, volume.Geometry.BlockSize, $"{format.Word} block of inode {inode.Number}");
            visitor.Lost(next.Block, 0, ForkWalk.OffsetEnd);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static void Push<TVisitor>(
        in BtreeBlock node, Stack<(FsBlock Block, int Level)> open, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        for (int child = 0; child < node.Count; child++)
        {
            var block = new FsBlock(node.Pointer(child));
            visitor.MapBlock(block, node.Level - 1, 0, ForkWalk.OffsetEnd);
            open.Push((block, node.Level - 1));
        }
    }

    private static BlockFault Read(
        XfsVolume volume, InodeNumber inode, BtreeFormat format, FsBlock block, int level, byte[] buffer,
        out BtreeBlock node)
    {
        node = default;
        Geometry geometry = volume.Geometry;
        if (!geometry.IsValid(block)) return BlockFault.Bad("bb_ptr", $"{block} is no place on the device");
        uint ag = geometry.AgOf(block);
        AgBlock place = geometry.AgBlockOf(block);
        Span<byte> bytes = buffer.AsSpan(0, geometry.BlockSize);
        BlockFault fault = volume.ReadBlock(ag, place, bytes);
        if (!fault.IsNone) return fault;
        BlockIdentity identity = geometry.IdentityOf(ag, place, inode.Value);
        return BtreeBlock.TryOpen(bytes, format, in identity, level, out node);
    }
}
