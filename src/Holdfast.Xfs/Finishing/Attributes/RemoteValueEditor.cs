// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Values that are too long to lie beside their names, put into blocks of the attribute fork.</summary>
internal static class RemoteValueEditor
{
    /// <summary>Writes the whole value into the blocks that it has been given.</summary>
    internal static void Write(FinishContext context, AttributeFork fork, AttributeChange change)
    {
        ReadOnlySpan<byte> value = change.Value.Span;
        int size = context.Geometry.BlockSize;
        int space = AttributeRemoteValue.SpaceOf(size, hasCrc: true);
        int offset = 0;
        for (uint number = change.RemoteBlock; offset < value.Length; number++)
        {
            FsBlock place = fork.BlockOf(number);
            EditBuffer buffer = context.Editor.NewBuffer(
                context.Geometry.ByteOf(place), size, RemoteBlockHeader.CrcAt);
            BlockIdentity identity = context.Geometry.IdentityOf(
                context.Geometry.AgOf(place), context.Geometry.AgBlockOf(place), fork.Inode.Value);
            int length = Math.Min(space, value.Length - offset);
            RemoteBlockHeader.Write(
                buffer.Edit(), Magic.AttributeRemoteV5, in identity, offset, value.Slice(offset, length));
            offset += length;
        }
    }

    /// <summary>Tells the entry where its value is, and that it counts from now on.</summary>
    internal static void Complete(AttributeTree tree, AttributeChange change)
    {
        EditBuffer leaf = tree.Leaf(change.Block);
        if (change.Index >= LeafHeader.Of(leaf.Bytes).Count || LeafEntries.IsLocal(leaf.Bytes, change.Index))
        {
            tree.Fail(leaf, change.Block, BlockFault.Bad($"entries[{change.Index}]", "has no remote value"));
        }

        Span<byte> block = leaf.Edit();
        LeafEntries.SetFlags(
            block, change.Index, LeafEntries.FlagsOf(block, change.Index) & ~AttributeBits.Incomplete);
        LeafEntries.SetRemote(block, change.Index, change.RemoteBlock, change.RemoteLength);
    }

    /// <summary>Marks an entry that is about to go: its value is lost from sight before its blocks are.</summary>
    internal static void MarkIncomplete(AttributeTree tree, AttributeChange change)
    {
        Span<byte> block = tree.Leaf(change.Block).Edit();
        LeafEntries.SetFlags(
            block, change.Index, LeafEntries.FlagsOf(block, change.Index) | AttributeBits.Incomplete);
        if (!LeafEntries.IsLocal(block, change.Index)) LeafEntries.SetRemote(block, change.Index, 0, 0);
    }
}
