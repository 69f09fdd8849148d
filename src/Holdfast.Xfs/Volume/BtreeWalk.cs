// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Walks one btree of a group in key order, reading only what the visitor wants. Bounded whatever the bytes say: the
/// level falls with every step down, and no block is entered twice.
/// </summary>
internal static class BtreeWalk
{
    /// <summary>Children that a disk is told of before they are read.</summary>
    private const int ChildrenAhead = 32;

    private struct Frame
    {
        public byte[] Block;
        public AgBlock Number;
        public int Level;
        public int Next;
        public uint Low;
        public uint High;
    }

    /// <param name="leavesToo">False: leaves are named to <see cref="IBtreeVisitor.Block"/> but not read.</param>
    public static void Run<TVisitor>(
        XfsVolume volume, AllocationGroup group, BtreeFormat format, BtreeRoot root, ref TVisitor visitor,
        bool leavesToo = true)
        where TVisitor : IBtreeVisitor
    {
        visitor.Block(root.Block, root.Levels - 1);
        if (root.Levels == 1 && !leavesToo) return;
        var visited = new HashSet<uint> { root.Block.Value };
        var stack = new Frame[root.Levels];
        int depth = 0;
        try
        {
            if (!Enter(volume, group, format,
                new Frame { Number = root.Block, Level = root.Levels - 1, High = uint.MaxValue }, stack, ref depth,
                    ref visitor))
            {
                return;
            }
            while (depth > 0)
            {
                ref Frame frame = ref stack[depth - 1];
                BtreeBlock node = View(volume, format, frame);
                if (frame.Next == node.Count)
                {
                    ArrayPool<byte>.Shared.Return(frame.Block);
                    depth--;
                    continue;
                }

                int child = frame.Next++;
                Frame below = Below(in node, format, in frame, child);
                if (!visitor.Wants(below.Low, below.High)) continue;
                visitor.Block(below.Number, below.Level);
                if (below.Level == 0 && !leavesToo) continue;
                if (child + ChildrenAhead < node.Count)
                {
                    Frame later = Below(in node, format, in frame, child + ChildrenAhead);
                    if (visitor.Wants(later.Low, later.High)) Prefetch(volume, group, later.Number);
                }

                if (visited.Add(below.Number.Value)) Enter(volume, group, format, below, stack, ref depth, ref visitor);
                else Lose(volume, group, format, in below, BlockFault.Bad("bb_ptr", "the block is in the tree twice"),
                    ref visitor);
            }
        }
        finally
        {
            while (depth > 0) ArrayPool<byte>.Shared.Return(stack[--depth].Block);
        }
    }

    private static void Prefetch(XfsVolume volume, AllocationGroup group, AgBlock block)
    {
        if (block.Value >= group.Blocks) return;
        volume.Data.Prefetch(volume.Geometry.ByteOf(group.Number, block), volume.Geometry.BlockSize);
    }

    /// <summary>Reads and verifies; a leaf goes to the visitor at once, a node onto the stack.</summary>
    private static bool Enter<TVisitor>(
        XfsVolume volume, AllocationGroup group, BtreeFormat format, Frame frame, Frame[] stack, ref int depth,
        ref TVisitor visitor)
        where TVisitor : IBtreeVisitor
    {
        int size = volume.Geometry.BlockSize;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        bool kept = false;
        try
        {
            BlockFault fault = frame.Number.Value < group.Blocks
                ? volume.ReadBlock(group.Number, frame.Number, buffer.AsSpan(0, size))
                : BlockFault.OutOfBounds("bb_ptr", frame.Number.Value, group.Blocks - 1);
            BtreeBlock view = default;
            if (fault.IsNone)
            {
                BlockIdentity identity = volume.Geometry.IdentityOf(group.Number, frame.Number, group.Number);
                fault = BtreeBlock.TryOpen(buffer.AsSpan(0, size), format, in identity, frame.Level, out view);
            }

            if (fault.IsNone) fault = BtreeOrder.Check(in view, format, group.Blocks, frame.Low, frame.High);
            if (!fault.IsNone)
            {
                Lose(volume, group, format, in frame, fault, ref visitor);
                return false;
            }

            if (frame.Level == 0)
            {
                visitor.Leaf(in view);
                return true;
            }

            frame.Block = buffer;
            stack[depth++] = frame;
            return kept = true;
        }
        finally
        {
            if (!kept) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Frame Below(in BtreeBlock node, BtreeFormat format, in Frame frame, int child)
    {
        uint low = BtreeOrder.FirstOf(node.Key(child), format);
        uint high = format.HasHighKeys
            ? BtreeOrder.FirstOf(node.HighKey(child), format)
            : child + 1 < node.Count ? BtreeOrder.FirstOf(node.Key(child + 1), format) : frame.High;
        return new Frame { Number = new((uint)node.Pointer(child)), Level = frame.Level - 1, Low = low, High = high };
    }

    /// <summary>The block was verified when it was entered; only the view is made again.</summary>
    private static BtreeBlock View(XfsVolume volume, BtreeFormat format, in Frame frame) =>
        BtreeBlock.Trusted(frame.Block.AsSpan(0, volume.Geometry.BlockSize), format, volume.Features.IsV5);

    private static void Lose<TVisitor>(
        XfsVolume volume, AllocationGroup group, BtreeFormat format, in Frame frame, BlockFault fault,
        ref TVisitor visitor)
        where TVisitor : IBtreeVisitor
    {
        volume.Faults.Add(
            fault, DeviceRole.Data, volume.Geometry.ByteOf(group.Number, frame.Number), volume.Geometry.BlockSize,
            $"{format.Word} block of group {group.Number}");
        visitor.Lost(frame.Number, frame.Level, frame.Low, frame.High);
    }
}
