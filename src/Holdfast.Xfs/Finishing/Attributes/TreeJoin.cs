// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Gives up blocks of an attribute tree that have become too empty, from the leaf upwards.</summary>
internal sealed class TreeJoin(AttributeTree tree)
{
    /// <summary>Of a block, that must be left free when two are joined: one in four.</summary>
    private const int SpareShift = 2;

    /// <param name="path">To the leaf from which an entry has gone.</param>
    public void Run(TreePath path)
    {
        for (; path.Active >= 2; path.Active--)
        {
            int level = path.Active - 1;
            if (!path[level].IsLeaf)
            {
                TreeNode.Remove(path[level].Buffer, path[level].Index);
                path[level].Hash = TreeNode.LastHash(path[level].Buffer.Bytes);
                AttributeTree.FixHashes(path);
            }

            if (FindNeighbour(path) is not { } keep) return;
            TreeBlock dropped = path[level];
            TreeBlock kept = keep[level];
            if (dropped.IsLeaf) LeafBalance.Join(dropped, kept);
            else TreeNode.Join(dropped.Buffer.Bytes, kept.Buffer);
            kept.Hash = AttributeTree.LastHashOf(kept);
            AttributeTree.FixHashes(keep);
            Unlink(dropped, kept);
            tree.Fork.Shrink(dropped.Number);
        }

        TreeBlock root = path[0];
        TreeNode.Remove(root.Buffer, root.Index);
        LowerRoot(root);
    }

    /// <summary>
    /// The way to the neighbour that stays. The way given is to the one that goes afterwards: always the block that is
    /// further into the fork, except where it is empty.
    /// </summary>
    private TreePath? FindNeighbour(TreePath path)
    {
        TreeBlock block = path.Last;
        ReadOnlySpan<byte> bytes = block.Buffer.Bytes;
        int size = tree.BlockSize;
        int used = block.IsLeaf ? SpaceIn(bytes) + LeafHeader.Size : TreeNode.Count(bytes);
        int all = block.IsLeaf ? size : TreeNode.CountMax(size);
        if (used > all >> 1) return null;
        uint next = bytes.U32(DaBlockInfo.ForwardAt);
        uint previous = bytes.U32(DaBlockInfo.BackAt);
        int count = block.IsLeaf ? LeafHeader.Of(bytes).Count : TreeNode.Count(bytes);
        TreePath other = path.Copy();
        if (count == 0) return tree.Shift(other, forward: next != 0) ? other : null;
        bool forward = next < previous;
        for (int turn = 0; turn < 2; turn++, forward = !forward)
        {
            uint number = forward ? next : previous;
            if (number == 0) continue;
            EditBuffer sibling = tree.Read(number, out bool isLeaf);
            if (isLeaf != block.IsLeaf) tree.Fail(sibling, number, BlockFault.Bad("magic", "not its neighbour's"));
            int there = isLeaf ? SpaceIn(sibling.Bytes) : TreeNode.Count(sibling.Bytes);
            if (all - (all >> SpareShift) - used - there < 0) continue;
            TreePath moving = number < block.Number ? other : path;
            return tree.Shift(moving, forward) ? other : null;
        }

        return null;
    }

    /// <summary>Bytes of entries and names, without the header.</summary>
    private static int SpaceIn(ReadOnlySpan<byte> leaf)
    {
        var header = LeafHeader.Of(leaf);
        return header.Count * LeafEntries.Size + header.UsedBytes;
    }

    /// <summary>A root with one child becomes that child.</summary>
    private void LowerRoot(TreeBlock root)
    {
        ReadOnlySpan<byte> node = root.Buffer.Bytes;
        if (TreeNode.Count(node) != 1) return;
        uint number = TreeNode.Child(node, 0);
        EditBuffer child = tree.Read(number, out _);
        child.Bytes.CopyTo(root.Buffer.Edit());
        tree.Readdress(root.Buffer, 0);
        tree.Fork.Shrink(number);
    }

    private void Unlink(TreeBlock dropped, TreeBlock kept)
    {
        bool isBefore = kept.Buffer.Bytes.U32(DaBlockInfo.BackAt) == dropped.Number;
        (int near, int far) = isBefore
            ? (DaBlockInfo.BackAt, DaBlockInfo.ForwardAt)
            : (DaBlockInfo.ForwardAt, DaBlockInfo.BackAt);
        uint beyond = dropped.Buffer.Bytes.U32(near);
        BinaryPrimitives.WriteUInt32BigEndian(kept.Buffer.Edit()[near..], beyond);
        if (beyond == 0) return;
        EditBuffer neighbour = tree.Read(beyond, out _);
        BinaryPrimitives.WriteUInt32BigEndian(neighbour.Edit()[far..], kept.Number);
    }
}
