// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Walks a fork's mappings in file order, from the inode or through its btree. Bounded: levels fall, no block is
/// entered twice. A realtime file's data fork maps another device and has no walk here.
/// </summary>
internal static class ForkWalk
{
    /// <summary>File offsets are 54 bits of blocks.</summary>
    public const ulong OffsetEnd = 1ul << 54;

    private struct Frame
    {
        public byte[] Block;
        public FsBlock Number;
        public int Level;
        public int Next;
        public ulong Low;
        public ulong End;
    }

    public static void Run<TVisitor>(XfsVolume volume, in Inode inode, ForkKind fork, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        bool isData = fork == ForkKind.Data;
        if (!isData && !inode.HasAttributeFork) return;
        ReadOnlySpan<byte> area = isData ? inode.DataFork : inode.AttributeFork;
        switch (isData ? inode.DataFormat : inode.AttributeFormat)
        {
            case ForkFormat.Extents:
                int count = (int)(isData ? inode.DataExtents : inode.AttributeExtents);
                ulong next = 0;
                BlockFault fault = Emit(volume, area[..(count * ExtentRecord.Size)], ref next, OffsetEnd, ref visitor);
                if (!fault.IsNone) LoseRoot(volume, inode.Number, fault, next, ref visitor);
                break;
            case ForkFormat.Btree:
                RunBtree(volume, inode.Number, area, ref visitor);
                break;
            case ForkFormat.MetadataBtree:
                MetadataBtreeWalk.Run(volume, in inode, area, ref visitor);
                break;
            default:
                break; // local and device forks map nothing
        }
    }

    private static void RunBtree<TVisitor>(
        XfsVolume volume, InodeNumber inode, ReadOnlySpan<byte> area, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        BlockFault fault = InlineBtreeRoot.TryOpen(area, BtreeFormat.Bmbt, out BtreeBlock root);
        if (fault.IsNone) fault = CheckKeys(in root, 0, OffsetEnd);
        if (!fault.IsNone)
        {
            LoseRoot(volume, inode, fault, 0, ref visitor);
            return;
        }

        var walk = new Walk(volume, inode, root.Level);
        for (int child = 0; child < root.Count; child++) walk.Descend(Below(in root, child, 0, OffsetEnd), ref visitor);
    }

    private static Frame Below(in BtreeBlock node, int child, ulong low, ulong end) => new()
    {
        Number = new(node.Pointer(child)),
        Level = node.Level - 1,
        Low = child == 0 ? low : node.Key(child).U64(0),
        End = child + 1 < node.Count ? node.Key(child + 1).U64(0) : end,
    };

    private static BlockFault CheckKeys(in BtreeBlock node, ulong low, ulong end)
    {
        ulong previous = low;
        for (int i = 0; i < node.Count; i++)
        {
            ulong key = node.Key(i).U64(0);
            if (key < previous || key >= end)
            {
                return BlockFault.Wrong($"br_startoff[{i}]", $"in order, from {previous}, below {end}", $"{key}");
            }
            previous = key;
        }

        return BlockFault.None;
    }

    private static BlockFault Emit<TVisitor>(
        XfsVolume volume, ReadOnlySpan<byte> records, ref ulong next, ulong end, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        for (; records.Length >= ExtentRecord.Size; records = records[ExtentRecord.Size..])
        {
            ExtentRecord extent = ExtentRecord.Read(records);
            if (extent.Offset.Value < next || extent.Length == 0 || extent.OffsetEnd > end)
            {
                return BlockFault.Wrong("br_startoff", $"in order, from {next}, at most {end}",
                    $"{extent.Offset} with {extent.Length} blocks");
            }

            if (!volume.Geometry.IsValid(extent.Start, extent.Length))
            {
                return BlockFault.Bad("br_startblock",
                    $"{extent.Start} with {extent.Length} blocks is no place on the device");
            }

            next = extent.OffsetEnd;
            visitor.Extent(in extent);
        }

        return BlockFault.None;
    }

    private static void LoseRoot<TVisitor>(
        XfsVolume volume, InodeNumber inode, BlockFault fault, ulong from, ref TVisitor visitor)
        where TVisitor : IExtentVisitor
    {
        volume.Faults.Add(
            fault, DeviceRole.Data, volume.Geometry.ByteOf(inode), volume.Geometry.InodeSize,
                $"block map of inode {inode}");
        visitor.Lost(FsBlock.Null, from, OffsetEnd);
    }

    /// <summary>The part below the inline root.</summary>
    private readonly struct Walk(XfsVolume volume, InodeNumber inode, int levels)
    {
        private readonly HashSet<ulong> _visited = [];

        public void Descend<TVisitor>(Frame top, ref TVisitor visitor)
            where TVisitor : IExtentVisitor
        {
            var stack = new Frame[levels];
            int depth = 0;
            try
            {
                Enter(top, stack, ref depth, ref visitor);
                while (depth > 0)
                {
                    ref Frame frame = ref stack[depth - 1];
                    BtreeBlock node = BtreeBlock.Trusted(
                        frame.Block.AsSpan(0, volume.Geometry.BlockSize), BtreeFormat.Bmbt, volume.Features.IsV5);
                    if (frame.Next == node.Count) ArrayPool<byte>.Shared.Return(stack[--depth].Block);
                    else Enter(Below(in node, frame.Next++, frame.Low, frame.End), stack, ref depth, ref visitor);
                }
            }
            finally
            {
                while (depth > 0) ArrayPool<byte>.Shared.Return(stack[--depth].Block);
            }
        }

        private void Enter<TVisitor>(Frame frame, Frame[] stack, ref int depth, ref TVisitor visitor)
            where TVisitor : IExtentVisitor
        {
            visitor.MapBlock(frame.Number, frame.Level, frame.Low, frame.End);
            if (!visitor.Wants(frame.Level, frame.Low, frame.End)) return;
            int size = volume.Geometry.BlockSize;
            byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
            BlockFault fault = _visited.Add(frame.Number.Value)
                ? Read(frame, buffer.AsSpan(0, size), out BtreeBlock view)
                : Twice(out view);
            if (fault.IsNone && frame.Level > 0)
            {
                fault = CheckKeys(in view, frame.Low, frame.End);
                if (fault.IsNone)
                {
                    frame.Block = buffer;
                    stack[depth++] = frame;
                    return;
                }
            }

            ulong next = frame.Low;
            if (fault.IsNone) fault = Emit(volume, view.Records, ref next, frame.End, ref visitor);
            ArrayPool<byte>.Shared.Return(buffer);
            if (fault.IsNone) return;
            long at = volume.Geometry.IsValid(frame.Number)
                ? volume.Geometry.ByteOf(frame.Number)
                : volume.Geometry.ByteOf(inode);
            volume.Faults.Add(fault, DeviceRole.Data, at, size, $"bmbt block of inode {inode}");
            visitor.Lost(frame.Number, next, frame.End);
        }

        private BlockFault Read(in Frame frame, Span<byte> buffer, out BtreeBlock view)
        {
            view = default;
            Geometry geometry = volume.Geometry;
            if (!geometry.IsValid(frame.Number))
            {
                return BlockFault.Bad("bb_ptr", $"{frame.Number} is no place on the device");
            }
            uint ag = geometry.AgOf(frame.Number);
            AgBlock block = geometry.AgBlockOf(frame.Number);
            BlockFault fault = volume.ReadBlock(ag, block, buffer);
            if (!fault.IsNone) return fault;
            BlockIdentity identity = geometry.IdentityOf(ag, block, inode.Value);
            return BtreeBlock.TryOpen(buffer, BtreeFormat.Bmbt, in identity, frame.Level, out view);
        }

        private static BlockFault Twice(out BtreeBlock view)
        {
            view = default;
            return BlockFault.Bad("bb_ptr", "the block is in the tree twice");
        }
    }
}
