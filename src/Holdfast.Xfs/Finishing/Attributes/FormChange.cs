// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>Moves attributes from the inode to a leaf, and back when they fit.</summary>
internal static class FormChange
{
    /// <summary>All attributes go from the inode to a leaf of their own.</summary>
    /// <param name="tree">Of a fork in the inode.</param>
    /// <param name="coming">The attribute for which there is no room.</param>
    internal static void ToLeaf(AttributeTree tree, AttributeChange coming)
    {
        AttributeFork fork = tree.Fork;
        byte[] list = fork.ShortForm.ToArray();
        fork.LeaveInode();
        uint number = fork.Grow(coming);
        EditBuffer leaf = tree.Create(number, isLeaf: true);
        foreach (AttributeEntry entry in fork.Open(list))
        {
            AttributeBits space = entry.Flags & AttributeBitRules.Namespaces;
            var change = new AttributeChange
            {
                Name = entry.Name.ToArray(),
                Value = entry.Value.ToArray(),
                Filter = space,
                Hash = AttributeChange.HashOf(tree.Features, space, entry.Name, entry.Value),
            };
            if (!AttributeTree.FindInLeaf(leaf, change) && LeafSpace.TryAdd(leaf, change)) continue;
            tree.Fail(leaf, number, BlockFault.Bad("list", "an attribute that is there twice, or too long"));
        }
    }

    /// <summary>What is left in the only leaf goes into the inode, if it fits there.</summary>
    /// <param name="tree">Of a fork that is one leaf.</param>
    /// <param name="keepFork">Another attribute is about to come: the fork stays, empty as it may be.</param>
    internal static void ToInodeIfFits(AttributeTree tree, bool keepFork)
    {
        AttributeFork fork = tree.Fork;
        EditBuffer leaf = tree.Leaf(0);
        ReadOnlySpan<byte> block = leaf.Bytes.ToArray();
        int count = LeafHeader.Of(block).Count;
        byte[] list = ShortFormEditor.Empty;
        for (int index = 0; index < count; index++)
        {
            AttributeBits flags = LeafEntries.FlagsOf(block, index);
            if ((flags & AttributeBits.Incomplete) != 0) continue;
            if ((flags & AttributeBits.Local) == 0) return;
            ReadOnlySpan<byte> item = block[LeafEntries.NameAt(block, index)..];
            int valueLength = item.U16(AttributeLeaf.At.LocalValueLengthAt);
            ReadOnlySpan<byte> name = item.Slice(
                AttributeLeaf.At.LocalNameAt, item[AttributeLeaf.At.LocalNameLengthAt]);
            if (Math.Max(name.Length, valueLength) >= ShortFormEditor.LengthEnd) return;
            ReadOnlySpan<byte> value = item.Slice(AttributeLeaf.At.LocalNameAt + name.Length, valueLength);
            list = ShortFormEditor.With(list, flags & AttributeBitRules.Namespaces, name, value);
            if (list.Length > tree.BlockSize) return;
        }

        bool isNothing = list.Length == ShortFormEditor.EmptySize && fork.MayVanish;
        int offset = isNothing ? 0 : fork.Offset.Fitting(list.Length);
        if (!isNothing && offset == 0) return;
        fork.Shrink(0);
        if (!isNothing) fork.SetShortForm(list, offset);
        else if (!keepFork) fork.Remove();
    }
}
