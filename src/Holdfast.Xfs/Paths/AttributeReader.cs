// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>
/// Reads the extended attributes of inodes in every form: in the inode, in one leaf, in leaves below nodes. Remote
/// values are named, not read. One worker's: it keeps its buffer.
/// </summary>
internal sealed class AttributeReader(XfsVolume volume) : IDisposable
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(volume.Geometry.BlockSize);

    /// <summary>A block still to be read: where, the level it should have (-1: any, for the root), the hashes below
    /// it.</summary>
    private readonly record struct Step(FileBlock Block, int Level, uint LowHash, uint HighHash);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <returns>False where a block could not be believed.</returns>
    public bool Read<TVisitor>(in Inode inode, ref TVisitor visitor)
        where TVisitor : IAttributeVisitor
    {
        if (!inode.HasAttributeFork) return true;
        if (inode.AttributeFormat == ForkFormat.Local) return ReadShortForm(in inode, ref visitor);
        if (inode.AttributeFormat == ForkFormat.Extents && inode.AttributeExtents == 0) return true;
        ExtentList map = ExtentList.Read(volume, in inode, ForkKind.Attribute, 0, ForkWalk.OffsetEnd);
        return ReadTree(in inode, map, ref visitor) && !map.IsLost;
    }

    private bool ReadShortForm<TVisitor>(in Inode inode, ref TVisitor visitor)
        where TVisitor : IAttributeVisitor
    {
        BlockFault fault = AttributeShortForm.TryOpen(inode.AttributeFork, out AttributeShortForm form);
        if (!fault.IsNone)
        {
            volume.Faults.Add(
                fault, DeviceRole.Data, volume.Geometry.ByteOf(inode.Number), volume.Geometry.InodeSize,
                $"short-form attributes of inode {inode.Number}");
            visitor.Lost(default, 0, uint.MaxValue);
            return false;
        }

        foreach (AttributeEntry attribute in form) visitor.Attribute(in attribute);
        return true;
    }

    private bool ReadTree<TVisitor>(in Inode inode, ExtentList map, ref TVisitor visitor)
        where TVisitor : IAttributeVisitor
    {
        bool good = true;
        var visited = new HashSet<ulong>();
        var steps = new Stack<Step>();
        steps.Push(new(default, -1, 0, uint.MaxValue));
        while (steps.TryPop(out Step step))
        {
            Span<byte> block = _buffer.AsSpan(0, volume.Geometry.BlockSize);
            BlockFault fault = visited.Add(step.Block.Value)
                ? ReadBlock(map, step.Block, block, out BlockIdentity identity, inode.Number)
                : Twice(out identity);
            if (fault.IsNone) fault = Enter(block, in identity, step, steps, ref visitor);
            if (fault.IsNone) continue;
            good = false;
            long offset = map.BlockOf(step.Block.Value) is { } at && volume.Geometry.IsValid(at)
                ? volume.Geometry.ByteOf(at)
                : volume.Geometry.ByteOf(inode.Number);
            volume.Faults.Add(
                fault, DeviceRole.Data, offset, volume.Geometry.BlockSize,
                $"attribute block {step.Block} of inode {inode.Number}");
            visitor.Lost(step.Block, step.LowHash, step.HighHash);
        }

        return good;
    }

    private static BlockFault Enter<TVisitor>(
        ReadOnlySpan<byte> block, in BlockIdentity identity, Step step, Stack<Step> steps, ref TVisitor visitor)
        where TVisitor : IAttributeVisitor
    {
        if (step.Level != 0 && DaNode.TryOpen(block, in identity, out DaNode node).IsNone)
        {
            if (step.Level > 0 && node.Level != step.Level)
            {
                return BlockFault.Wrong("level", (ulong)step.Level, (ulong)node.Level);
            }
            // Pushed backwards, so that leaves come in hash order.
            for (int i = node.Count - 1; i >= 0; i--)
            {
                uint low = i == 0 ? step.LowHash : node[i - 1].Hash;
                steps.Push(new(node[i].Child, node.Level - 1, low, i == node.Count - 1 ? step.HighHash : node[i].Hash));
            }

            return BlockFault.None;
        }

        if (step.Level > 0) return BlockFault.Bad("magic", "not a node");
        BlockFault fault = AttributeLeaf.TryOpen(block, in identity, out AttributeLeaf leaf);
        if (!fault.IsNone) return fault;
        for (int i = 0; i < leaf.Count; i++)
        {
            AttributeEntry attribute = leaf[i];
            visitor.Attribute(in attribute);
        }

        return BlockFault.None;
    }

    private BlockFault ReadBlock(
        ExtentList map, FileBlock at, Span<byte> block, out BlockIdentity identity, InodeNumber inode)
    {
        identity = default;
        if (map.BlockOf(at.Value) is not { } place)
        {
            return BlockFault.Bad("br_startoff", $"file block {at} has no mapping");
        }
        Geometry geometry = volume.Geometry;
        identity = geometry.IdentityOf(geometry.AgOf(place), geometry.AgBlockOf(place), inode.Value);
        ReadFault read = volume.Data.Read(geometry.ByteOf(place), block);
        return read.IsNone ? BlockFault.None : BlockFault.Unreadable(read);
    }

    private static BlockFault Twice(out BlockIdentity identity)
    {
        identity = default;
        return BlockFault.Bad("before", "the block is in the tree twice");
    }
}
