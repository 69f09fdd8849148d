// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// The blocks of one inode's attribute fork: leaves sorted by hashes, and nodes above them. Finds entries and hands out
/// blocks, each verified once. One step's: it keeps nothing, but its buffers are the step's.
/// </summary>
internal sealed class AttributeTree(FinishContext context, AttributeFork fork)
{
    public AttributeFork Fork => fork;

    public Features Features => context.Features;

    public int BlockSize => context.Geometry.BlockSize;

    /// <summary>A leaf.</summary>
    public EditBuffer Leaf(uint number)
    {
        EditBuffer buffer = Read(number, out bool isLeaf);
        if (!isLeaf) Fail(buffer, number, BlockFault.Bad("magic", "a node where a leaf should be"));
        return buffer;
    }

    /// <summary>A node or a leaf, verified.</summary>
    public EditBuffer Read(uint number, out bool isLeaf)
    {
        FsBlock place = fork.BlockOf(number);
        uint ag = context.Geometry.AgOf(place);
        AgBlock block = context.Geometry.AgBlockOf(place);
        EditBuffer buffer = context.Editor.Block(ag, block, DaBlockInfo.CrcAt, fork.Structure(number));
        DaBlockKind kind = DaBlockInfo.KindOf(buffer.Bytes, hasCrc: true);
        isLeaf = kind == DaBlockKind.AttributeLeaf;
        if (buffer.IsVerified) return buffer;
        BlockIdentity identity = context.Geometry.IdentityOf(ag, block, fork.Inode.Value);
        BlockFault fault = isLeaf
            ? CheckLeaf(buffer.Bytes, in identity)
            : DaNode.TryOpen(buffer.Bytes, in identity, out _);
        if (!fault.IsNone) Fail(buffer, number, fault);
        buffer.IsVerified = true;
        return buffer;
    }

    /// <summary>A block that the fork has just been given, as an empty leaf or node.</summary>
    public EditBuffer Create(uint number, bool isLeaf)
    {
        FsBlock place = fork.BlockOf(number);
        EditBuffer buffer = context.Editor.NewBuffer(context.Geometry.ByteOf(place), BlockSize, DaBlockInfo.CrcAt);
        Span<byte> block = buffer.Edit();
        BinaryPrimitives.WriteUInt16BigEndian(
            block[DaBlockInfo.MagicAt..], isLeaf ? Magic.AttributeLeafV5 : Magic.DaNodeV5);
        Readdress(buffer, number);
        BinaryPrimitives.WriteUInt64BigEndian(block[DaBlockInfo.OwnerAt..], fork.Inode.Value);
        context.Geometry.MetadataUuid.TryWriteBytes(block[DaBlockInfo.UuidAt..], bigEndian: true, out _);
        if (isLeaf) LeafHeader.Empty(BlockSize).Write(block);
        return buffer;
    }

    /// <summary>Tells a block that has been copied where it is now.</summary>
    public void Readdress(EditBuffer buffer, uint number)
    {
        FsBlock place = fork.BlockOf(number);
        DiskAddress address = context.Geometry.DiskAddressOf(
            context.Geometry.AgOf(place), context.Geometry.AgBlockOf(place));
        BinaryPrimitives.WriteUInt64BigEndian(buffer.Edit()[DaBlockInfo.AddressAt..], address.Value);
    }

    /// <summary>
    /// The way to the attribute, or to where it would go. What is found is in the change: its place, its remote value.
    /// </summary>
    public bool Find(AttributeChange change, out TreePath path)
    {
        path = Descend(change.Hash);
        while (true)
        {
            TreeBlock leaf = path.Last;
            bool found = FindInLeaf(leaf.Buffer, change);
            leaf.Index = change.Index;
            change.Block = leaf.Number;
            if (found) return true;
            // Entries of one hash may go on in the leaves that follow.
            if (leaf.Hash != change.Hash || !Shift(path, forward: true)) return false;
        }
    }

    /// <summary>Looks through a leaf; the change learns where the attribute is, or belongs.</summary>
    public static bool FindInLeaf(EditBuffer buffer, AttributeChange change)
    {
        ReadOnlySpan<byte> block = buffer.Bytes;
        int count = LeafHeader.Of(block).Count;
        int low = 0;
        for (int high = count; low < high;)
        {
            int middle = (low + high) / 2;
            if (LeafEntries.HashOf(block, middle) < change.Hash) low = middle + 1;
            else high = middle;
        }

        for (; low < count && LeafEntries.HashOf(block, low) == change.Hash; low++)
        {
            ReadOnlySpan<byte> item = block[LeafEntries.NameAt(block, low)..];
            AttributeBits flags = LeafEntries.FlagsOf(block, low);
            if (!Matches(item, flags, change)) continue;
            change.Index = low;
            if ((flags & AttributeBits.Local) != 0) return true;
            change.RemoteBlock = item.U32(AttributeLeaf.At.RemoteBlockAt);
            change.RemoteLength = (int)item.U32(AttributeLeaf.At.RemoteValueLengthAt);
            change.RemoteCount = (uint)AttributeRemoteValue.BlocksOf(change.RemoteLength, block.Length, hasCrc: true);
            return true;
        }

        change.Index = low;
        return false;
    }

    /// <summary>Moves a way to the next block of its level, or the one before.</summary>
    /// <returns>False where there is none; the way is what it was.</returns>
    public bool Shift(TreePath path, bool forward)
    {
        int level = path.Active - 2;
        for (; level >= 0; level--)
        {
            TreeBlock node = path[level];
            if (forward ? node.Index < TreeNode.Count(node.Buffer.Bytes) - 1 : node.Index > 0) break;
        }

        if (level < 0) return false;
        path[level].Index += forward ? 1 : -1;
        uint number = TreeNode.Child(path[level].Buffer.Bytes, path[level].Index);
        for (level++; level < path.Active; level++)
        {
            TreeBlock block = Visit(number, path[level - 1]);
            if (block.IsLeaf != path[level].IsLeaf) Fail(block.Buffer, number, BlockFault.Bad("level", "another"));
            path.Replace(level, block);
            if (block.IsLeaf) break;
            ReadOnlySpan<byte> node = block.Buffer.Bytes;
            block.Index = forward ? 0 : TreeNode.Count(node) - 1;
            number = TreeNode.Child(node, block.Index);
        }

        return true;
    }

    /// <summary>Carries the last hash of the lowest block up, as far as it is news.</summary>
    public static void FixHashes(TreePath path)
    {
        TreeBlock below = path.Last;
        ReadOnlySpan<byte> bytes = below.Buffer.Bytes;
        int count = below.IsLeaf ? LeafHeader.Of(bytes).Count : TreeNode.Count(bytes);
        if (count == 0) return;
        uint last = below.IsLeaf ? LeafEntries.LastHash(bytes, count) : TreeNode.LastHash(bytes);
        for (int level = path.Active - 2; level >= 0; level--)
        {
            TreeBlock node = path[level];
            if (node.Index >= TreeNode.Count(node.Buffer.Bytes)) return;
            if (TreeNode.Hash(node.Buffer.Bytes, node.Index) == last) return;
            node.Hash = last;
            Span<byte> entries = node.Buffer.Edit();
            TreeNode.SetHash(entries, node.Index, last);
            last = TreeNode.LastHash(entries);
        }
    }

    public static uint LastHashOf(TreeBlock block)
    {
        ReadOnlySpan<byte> bytes = block.Buffer.Bytes;
        return block.IsLeaf ? LeafEntries.LastHash(bytes, LeafHeader.Of(bytes).Count) : TreeNode.LastHash(bytes);
    }

    public void Fail(EditBuffer buffer, uint number, BlockFault why) =>
        RecoveryFailure.Throw(why, buffer.Offset, buffer.Bytes.Length, fork.Structure(number));

    private static BlockFault CheckLeaf(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = AttributeLeaf.TryOpen(block, in identity, out AttributeLeaf leaf);
        if (fault.IsNone) fault = LeafHeader.Of(block).Check(block.Length);
        return fault.IsNone ? LeafEntries.Check(block, leaf.Count) : fault;
    }

    private static bool Matches(ReadOnlySpan<byte> item, AttributeBits flags, AttributeChange change)
    {
        if ((flags & AttributeBits.Local) == 0)
        {
            int length = item[AttributeLeaf.At.RemoteNameLengthAt];
            return change.Matches(flags, item.Slice(AttributeLeaf.At.RemoteNameAt, length), default, isLocal: false);
        }

        ReadOnlySpan<byte> name = item.Slice(AttributeLeaf.At.LocalNameAt, item[AttributeLeaf.At.LocalNameLengthAt]);
        ReadOnlySpan<byte> value = item.Slice(
            AttributeLeaf.At.LocalNameAt + name.Length, item.U16(AttributeLeaf.At.LocalValueLengthAt));
        return change.Matches(flags, name, value, isLocal: true);
    }

    private TreePath Descend(uint hash)
    {
        var path = new TreePath();
        uint number = 0;
        TreeBlock? above = null;
        while (true)
        {
            TreeBlock block = Visit(number, above);
            path.Add(block);
            if (block.IsLeaf) return path;
            if (path.Active == TreePath.LengthMax)
            {
                Fail(block.Buffer, number, BlockFault.OutOfBounds("level", TreePath.LengthMax, TreePath.LengthMax - 1));
            }

            ReadOnlySpan<byte> node = block.Buffer.Bytes;
            int count = TreeNode.Count(node);
            int index = 0;
            while (index < count - 1 && TreeNode.Hash(node, index) < hash) index++;
            block.Index = index;
            number = TreeNode.Child(node, index);
            above = block;
        }
    }

    /// <summary>Reads a block that has to be one level below another.</summary>
    private TreeBlock Visit(uint number, TreeBlock? above)
    {
        EditBuffer buffer = Read(number, out bool isLeaf);
        int level = isLeaf ? 0 : TreeNode.Level(buffer.Bytes);
        if (above is not null)
        {
            int wanted = TreeNode.Level(above.Buffer.Bytes) - 1;
            if (level != wanted) Fail(buffer, number, BlockFault.Wrong("level", (ulong)wanted, (ulong)level));
            if (number == 0) Fail(buffer, number, BlockFault.Bad("before", "the root is no child"));
        }

        var block = new TreeBlock { Number = number, Buffer = buffer, IsLeaf = isLeaf };
        block.Hash = LastHashOf(block);
        return block;
    }
}
