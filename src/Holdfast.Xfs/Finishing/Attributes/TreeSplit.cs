// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Makes room in an attribute tree: splits a leaf, twice if need be, and the nodes above it.</summary>
internal sealed class TreeSplit(AttributeTree tree, AttributeChange change)
{
    /// <summary>The third leaf of a double split, until a node has taken it.</summary>
    private TreeBlock? _extra;

    private bool _isExtraLast;

    /// <summary>A single leaf moves away from the root's block and gets a node above it.</summary>
    public static void RaiseLeaf(AttributeTree tree, AttributeChange change)
    {
        uint number = tree.Fork.Grow(change);
        EditBuffer root = tree.Leaf(0);
        EditBuffer leaf = tree.Create(number, isLeaf: true);
        root.Bytes.CopyTo(leaf.Edit());
        tree.Readdress(leaf, number);
        uint last = LeafEntries.LastHash(leaf.Bytes, LeafHeader.Of(leaf.Bytes).Count);
        EditBuffer node = tree.Create(0, isLeaf: false);
        TreeNode.SetLevel(node.Edit(), 1);
        TreeNode.Insert(node, 0, last, number);
    }

    /// <summary>Splits the leaf that the way ends in and puts the attribute in.</summary>
    public void Run(TreePath path)
    {
        TreeBlock? added = SplitLeaf(path);
        AttributeTree.FixHashes(path);
        int depth = path.Active - 1;
        path.Active--;
        for (int level = depth - 1; level >= 0 && added is not null; level--)
        {
            added = AddToNode(path[level], added, depth - level);
            AttributeTree.FixHashes(path);
            path.Active--;
        }

        if (added is not null) SplitRoot(path[0], added);
    }

    private TreeBlock SplitLeaf(TreePath path)
    {
        TreeBlock old = path.Last;
        TreeBlock added = SplitLeaf(old, out bool isInOld, out bool isIn);
        if (isIn) return added;
        // It fits into neither half.
        _isExtraLast = !isInOld;
        _extra = SplitLeaf(isInOld ? old : added, out _, out isIn);
        if (!isIn) tree.Fail(old.Buffer, old.Number, BlockFault.Bad("usedbytes", "no room after two splits"));
        return added;
    }

    private TreeBlock SplitLeaf(TreeBlock old, out bool isInOld, out bool isIn)
    {
        uint number = tree.Fork.Grow(change);
        var added = new TreeBlock
        {
            Number = number, Buffer = tree.Create(number, isLeaf: true), IsLeaf = true,
        };
        isInOld = LeafBalance.Split(old, added, change);
        Link(old, added);
        isIn = LeafSpace.TryAdd(isInOld ? old.Buffer : added.Buffer, change);
        old.Hash = AttributeTree.LastHashOf(old);
        added.Hash = AttributeTree.LastHashOf(added);
        return added;
    }

    /// <returns>The node that was split off; null where there was room.</returns>
    private TreeBlock? AddToNode(TreeBlock old, TreeBlock added, int level)
    {
        TreeBlock? half = null;
        int wanted = 1 + (_extra is null ? 0 : 1);
        if (TreeNode.Count(old.Buffer.Bytes) + wanted > TreeNode.CountMax(tree.BlockSize))
        {
            uint number = tree.Fork.Grow(change);
            half = new TreeBlock { Number = number, Buffer = tree.Create(number, isLeaf: false), IsLeaf = false };
            TreeNode.SetLevel(half.Buffer.Edit(), level);
            Rebalance(old, half);
            Link(old, half);
        }

        TreeBlock target = half is null || old.Index <= TreeNode.Count(old.Buffer.Bytes) ? old : half;
        target.Index++;
        Insert(target, added);
        if (_extra is null) return half;
        if (_isExtraLast) target.Index++;
        Insert(target, _extra);
        _extra = null;
        return half;
    }

    private static void Insert(TreeBlock node, TreeBlock child)
    {
        TreeNode.Insert(node.Buffer, node.Index, child.Hash, child.Number);
        node.Hash = TreeNode.LastHash(node.Buffer.Bytes);
    }

    private static void Rebalance(TreeBlock full, TreeBlock empty)
    {
        TreeNode.MoveUp(full.Buffer, empty.Buffer, TreeNode.Count(full.Buffer.Bytes) / 2);
        full.Hash = TreeNode.LastHash(full.Buffer.Bytes);
        empty.Hash = TreeNode.LastHash(empty.Buffer.Bytes);
        int left = TreeNode.Count(full.Buffer.Bytes);
        if (full.Index < left) return;
        empty.Index = full.Index - left;
        full.Index = left + 1; // past every entry: nothing goes in here
    }

    /// <summary>The old root moves away; a new one, with two children, takes its block.</summary>
    private void SplitRoot(TreeBlock root, TreeBlock added)
    {
        int level = TreeNode.Level(root.Buffer.Bytes);
        if (level + 1 >= TreePath.LengthMax)
        {
            tree.Fail(root.Buffer, 0, BlockFault.OutOfBounds("level", (ulong)level + 1, TreePath.LengthMax - 1));
        }

        uint number = tree.Fork.Grow(change);
        EditBuffer moved = tree.Create(number, isLeaf: false);
        root.Buffer.Bytes.CopyTo(moved.Edit());
        tree.Readdress(moved, number);
        EditBuffer top = tree.Create(0, isLeaf: false);
        TreeNode.SetLevel(top.Edit(), level + 1);
        TreeNode.Insert(top, 0, root.Hash, number);
        TreeNode.Insert(top, 1, added.Hash, added.Number);
        // The root had no neighbours, so the half that was split off is the only one that points back at it.
        Repoint(added.Buffer, DaBlockInfo.BackAt, number);
        if (moved.Bytes.U32(DaBlockInfo.ForwardAt) != added.Number)
        {
            tree.Fail(moved, number, BlockFault.Wrong(
                "forw", added.Number, moved.Bytes.U32(DaBlockInfo.ForwardAt)));
        }
    }

    /// <summary>Chains a new block to the one that it was split off, on the side where its hashes belong.</summary>
    private void Link(TreeBlock old, TreeBlock added)
    {
        ReadOnlySpan<byte> bytes = old.Buffer.Bytes;
        bool isBefore = old.IsLeaf
            ? LeafBalance.AreSwapped(bytes, added.Buffer.Bytes)
            : TreeNode.IsBefore(added.Buffer.Bytes, bytes);
        (int near, int far) = isBefore
            ? (DaBlockInfo.BackAt, DaBlockInfo.ForwardAt)
            : (DaBlockInfo.ForwardAt, DaBlockInfo.BackAt);
        uint beyond = bytes.U32(near);
        Repoint(added.Buffer, far, old.Number);
        Repoint(added.Buffer, near, beyond);
        if (beyond != 0) Repoint(tree.Read(beyond, out _), far, added.Number);
        Repoint(old.Buffer, near, added.Number);
    }

    private static void Repoint(EditBuffer buffer, int at, uint number) =>
        BinaryPrimitives.WriteUInt32BigEndian(buffer.Edit()[at..], number);
}
