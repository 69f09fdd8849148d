// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// The entries of a node of an attribute tree, changed in place. Source of the format: xfs_da_format.h (struct
/// xfs_da3_node_hdr, xfs_da_node_entry).
/// </summary>
internal static class TreeNode
{
    private const int InfoSize = DaBlockInfo.SizeV5;
    private const int HeaderSize = InfoSize + DaNode.At.LevelAt + sizeof(ushort) + sizeof(uint); // padded

    /// <summary>Entries that a node has room for.</summary>
    internal static int CountMax(int blockSize) => (blockSize - HeaderSize) / DaNodeEntry.Size;

    internal static int Count(ReadOnlySpan<byte> node) => node.U16(InfoSize + DaNode.At.CountAt);

    internal static int Level(ReadOnlySpan<byte> node) => node.U16(InfoSize + DaNode.At.LevelAt);

    internal static uint Hash(ReadOnlySpan<byte> node, int index) => node.U32(At(index) + DaNodeEntry.HashAt);

    internal static uint Child(ReadOnlySpan<byte> node, int index) => node.U32(At(index) + DaNodeEntry.ChildAt);

    /// <summary>0 where there is no entry.</summary>
    internal static uint LastHash(ReadOnlySpan<byte> node) => Count(node) == 0 ? 0 : Hash(node, Count(node) - 1);

    internal static void SetHash(Span<byte> node, int index, uint hash) =>
        BinaryPrimitives.WriteUInt32BigEndian(node[(At(index) + DaNodeEntry.HashAt)..], hash);

    internal static void SetLevel(Span<byte> node, int level) =>
        BinaryPrimitives.WriteUInt16BigEndian(node[(InfoSize + DaNode.At.LevelAt)..], (ushort)level);

    internal static void Insert(EditBuffer buffer, int index, uint hash, uint child)
    {
        Span<byte> node = buffer.Edit();
        int count = Count(node);
        if (index > count || count >= CountMax(node.Length))
        {
            RecoveryFailure.Throw(
                BlockFault.OutOfBounds("count", (ulong)count, (ulong)CountMax(node.Length)), buffer.Offset,
                node.Length, "attribute node");
        }

        node[At(index)..At(count)].ToArray().CopyTo(node[At(index + 1)..]);
        SetHash(node, index, hash);
        BinaryPrimitives.WriteUInt32BigEndian(node[(At(index) + DaNodeEntry.ChildAt)..], child);
        SetCount(node, count + 1);
    }

    internal static void Remove(EditBuffer buffer, int index)
    {
        Span<byte> node = buffer.Edit();
        int count = Count(node);
        if (index >= count)
        {
            RecoveryFailure.Throw(
                BlockFault.OutOfBounds("count", (ulong)index, (ulong)count), buffer.Offset, node.Length,
                "attribute node");
        }

        node[At(index + 1)..At(count)].CopyTo(node[At(index)..]);
        node[At(count - 1)..At(count)].Clear();
        SetCount(node, count - 1);
    }

    /// <summary>Moves the last entries of one node to the beginning of the next.</summary>
    internal static void MoveUp(EditBuffer from, EditBuffer to, int moved)
    {
        Span<byte> source = from.Edit();
        Span<byte> target = to.Edit();
        int left = Count(source) - moved;
        int there = Count(target);
        target[At(0)..At(there)].ToArray().CopyTo(target[At(moved)..]);
        source[At(left)..At(left + moved)].CopyTo(target[At(0)..]);
        source[At(left)..At(left + moved)].Clear();
        SetCount(source, left);
        SetCount(target, there + moved);
    }

    /// <summary>Puts all entries of one node before or behind those of another; there must be room.</summary>
    internal static void Join(ReadOnlySpan<byte> from, EditBuffer to)
    {
        Span<byte> target = to.Edit();
        int count = Count(from);
        int there = Count(target);
        if (count + there > CountMax(target.Length))
        {
            RecoveryFailure.Throw(
                BlockFault.OutOfBounds("count", (ulong)(count + there), (ulong)CountMax(target.Length)), to.Offset,
                target.Length, "attribute node");
        }

        int at = there;
        if (IsBefore(from, target))
        {
            target[At(0)..At(there)].ToArray().CopyTo(target[At(count)..]);
            at = 0;
        }

        from[At(0)..At(count)].CopyTo(target[At(at)..]);
        SetCount(target, count + there);
    }

    /// <summary>Does the first node belong before the second?</summary>
    internal static bool IsBefore(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (Count(first) == 0 || Count(second) == 0) return false;
        return Hash(first, 0) < Hash(second, 0) || LastHash(first) < LastHash(second);
    }

    private static int At(int index) => HeaderSize + index * DaNodeEntry.Size;

    private static void SetCount(Span<byte> node, int count) =>
        BinaryPrimitives.WriteUInt16BigEndian(node[(InfoSize + DaNode.At.CountAt)..], (ushort)count);
}
