// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>A list of mappings that has outgrown the inode becomes a btree of one leaf, and back.</summary>
internal static class BmbtConversion
{
    /// <param name="extents">All mappings of the fork: one or two more than the inode has room for.</param>
    public static void ToBtree(FinishContext context, InodeEditor inode, ForkKind fork, List<ForkExtent> extents)
    {
        Geometry geometry = context.Geometry;
        var request = new AllocationRequest
        {
            Target = geometry.BlockOf(inode.Number),
            Search = AllocationSearch.StartGroup,
            Owner = ExtentOwner.BlockMap(inode.Number, fork),
        };
        ulong leaf = context.Groups.AllocateNow(request).Start.Value;
        inode.Blocks++;
        inode.SetFormat(fork, ForkFormat.Btree);
        inode.SetExtents(fork, (ulong)extents.Count);
        Span<byte> root = inode.EditFork(fork);
        root.Clear();
        BtreeLayout rootLayout = BtreeLayout.OfInlineRoot(BtreeFormat.Bmbt, root.Length);
        rootLayout.SetLevel(root, 1);
        rootLayout.SetCount(root, 1);
        rootLayout.SetPointer(root, 1, leaf);
        BinaryPrimitives.WriteUInt64BigEndian(rootLayout.Keys(root, 1), extents[0].Offset.Value);
        var tree = new BtreeTree(context.Editor, BtreeKind.Of(BtreeFormat.Bmbt));
        tree.Open(new BmbtPlace(context, inode, fork));
        if (extents.Count > tree.Layout.RecordsMax)
        {
            inode.Fail(BlockFault.OutOfBounds("di_nextents", (ulong)extents.Count, (ulong)tree.Layout.RecordsMax));
        }

        Span<byte> bytes = tree.NewBlock(leaf, 0).Edit();
        for (int i = 0; i < extents.Count; i++) extents[i].Write(tree.Layout.Record(bytes, i + 1));
        tree.Layout.SetCount(bytes, extents.Count);
    }

    /// <summary>The only leaf is given back.</summary>
    /// <param name="bmbt">Aimed at the fork.</param>
    public static void ToExtents(FinishContext context, InodeEditor inode, ForkKind fork, BtreeEditor bmbt)
    {
        ReadOnlySpan<byte> root = inode.Fork(fork);
        BtreeLayout rootLayout = BtreeLayout.OfInlineRoot(BtreeFormat.Bmbt, root.Length);
        if (rootLayout.Level(root) != 1 || rootLayout.Count(root) != 1)
        {
            inode.Fail(BlockFault.Wrong("bmdr_numrecs", "one leaf", $"level {rootLayout.Level(root)}"));
        }

        var leaf = new FsBlock(rootLayout.Pointer(root, 1));
        int count = (int)inode.ExtentsOf(fork);
        var extents = new List<ForkExtent>(count);
        bool more = bmbt.Lookup(stackalloc byte[sizeof(ulong)], BtreeSeek.GreaterOrEqual);
        for (; more && extents.Count < count; more = bmbt.Next()) extents.Add(ForkExtent.Read(bmbt.Record));
        if (more || extents.Count != count)
        {
            inode.Fail(BlockFault.Wrong("di_nextents", (ulong)extents.Count, (ulong)count));
        }

        context.Groups.DeferFree(leaf, 1, ExtentOwner.BlockMap(inode.Number, fork));
        context.Editor.Forget(context.Geometry.ByteOf(leaf), context.Geometry.BlockSize);
        inode.Blocks--;
        inode.SetFormat(fork, ForkFormat.Extents);
        ExtentForkMap.WriteList(inode, fork, extents);
    }
}
