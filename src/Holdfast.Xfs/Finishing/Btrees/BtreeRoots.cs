// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>How a tree gains and loses its topmost level.</summary>
internal static class BtreeRoots
{
    /// <summary>The root has split: a new one is set above its halves.</summary>
    public static void GrowHeaderRoot(BtreeCursor cursor)
    {
        BtreeTree tree = cursor.Tree;
        BtreeLayout layout = tree.Layout;
        int level = cursor.Levels;
        if (level >= AgFreeHeader.LevelsMax) tree.Fail(BlockFault.Bad("bb_level", "too many levels"));
        ulong pointer = tree.Place.Allocate(tree.Place.Root);
        EditBuffer root = tree.NewBlock(pointer, level);
        EditBuffer half = cursor.Block(level - 1);
        ulong beside = layout.RightSibling(half.Bytes);
        bool isLeft = beside != BtreePlace.NoPointer;
        if (!isLeft) beside = layout.LeftSibling(half.Bytes);
        EditBuffer other = tree.Read(beside, level - 1);
        EditBuffer left = isLeft ? half : other;
        EditBuffer right = isLeft ? other : half;
        Span<byte> bytes = root.Edit();
        tree.KeysOf(left.Bytes, in layout, layout.Keys(bytes, 1));
        tree.KeysOf(right.Bytes, in layout, layout.Keys(bytes, 2));
        layout.SetPointer(bytes, 1, tree.PointerOf(left));
        layout.SetPointer(bytes, 2, tree.PointerOf(right));
        layout.SetCount(bytes, 2);
        tree.Place.SetRoot(pointer, level + 1);
        cursor.SetBlock(level, root);
        cursor.Entry(level) = isLeft ? 1 : 2;
        cursor.Levels++;
    }

    /// <summary>What is in the inode goes into a block of its own, and the inode keeps a pointer to that.</summary>
    public static void PushDownInlineRoot(BtreeCursor cursor)
    {
        BtreeTree tree = cursor.Tree;
        BtreeLayout rootLayout = tree.RootLayout;
        int level = cursor.Levels - 1;
        if (cursor.Levels >= AgFreeHeader.LevelsMax) tree.Fail(BlockFault.Bad("bb_level", "too many levels"));
        ulong near = level > 0 ? rootLayout.Pointer(tree.Place.InlineRoot, 1) : BtreePlace.NoPointer;
        ulong pointer = tree.Place.Allocate(near);
        EditBuffer child = tree.NewBlock(pointer, level);
        Span<byte> root = tree.Place.EditInlineRoot();
        int count = rootLayout.Count(root);
        BtreeLayout layout = tree.Layout;
        rootLayout.Copy(root, 1, layout, child.Edit(), 1, level, count);
        layout.SetCount(child.Edit(), count);
        rootLayout.SetLevel(root, level + 1);
        rootLayout.SetCount(root, 1);
        tree.KeysOf(child.Bytes, in layout, rootLayout.Keys(root, 1));
        rootLayout.SetPointer(root, 1, pointer);
        cursor.Levels++;
        cursor.Entry(level + 1) = 1;
        cursor.SetBlock(level, child);
    }

    /// <summary>The root has a single child, which takes its place.</summary>
    public static void ShrinkHeaderRoot(BtreeCursor cursor)
    {
        BtreeTree tree = cursor.Tree;
        int level = cursor.Levels - 1;
        EditBuffer root = cursor.Block(level);
        tree.Place.SetRoot(tree.Layout.Pointer(root.Bytes, 1), level);
        tree.Free(root);
        cursor.SetBlock(level, null);
        cursor.Levels--;
    }

    /// <summary>
    /// The only child of a root in an inode is taken into the inode, if it fits. A block map never takes in records:
    /// its fork turns into a list of extents instead. The kernel takes in records only as many as a node would have
    /// children.
    /// </summary>
    public static void PullUpInlineRoot(BtreeCursor cursor)
    {
        BtreeTree tree = cursor.Tree;
        int level = cursor.Levels - 1;
        if (level == 0 || (level == 1 && tree.Format.Name == BtreeName.Bmbt)) return;
        BtreeLayout rootLayout = tree.RootLayout;
        if (rootLayout.Count(tree.Place.InlineRoot) != 1) return;
        EditBuffer child = cursor.Block(level - 1);
        BtreeLayout layout = tree.Layout;
        int count = layout.Count(child.Bytes);
        if (count > rootLayout.ChildrenMax) return;
        Span<byte> root = tree.Place.EditInlineRoot();
        layout.Copy(child.Bytes, 1, rootLayout, root, 1, level - 1, count);
        rootLayout.SetCount(root, count);
        rootLayout.SetLevel(root, level - 1);
        tree.Free(child);
        cursor.SetBlock(level - 1, null);
        cursor.Levels--;
    }
}
