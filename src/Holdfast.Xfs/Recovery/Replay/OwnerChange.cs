// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// Two files have swapped their forks: the blocks of a fork's block map still name the other file as their owner, and
/// that was logged as one flag of the inode, not block by block. Bounded: levels fall, no block is entered twice.
/// </summary>
internal sealed class OwnerChange(RecoveryBuffers buffers)
{
    private readonly HashSet<ulong> _visited = [];
    private readonly Stack<(FsBlock Block, int Level)> _open = new();
    private byte[] _block = [];

    /// <param name="item">An item of a V5 inode.</param>
    /// <param name="inode">The inode as it is now.</param>
    public void Run(in InodeItem item, ReadOnlySpan<byte> inode, Geometry geometry)
    {
        _visited.Clear();
        if (_block.Length != geometry.BlockSize) _block = new byte[geometry.BlockSize];
        ReadOnlySpan<byte> literal = inode[Inode.CoreSizeV3..];
        int dataSize = inode[Inode.ForkOffsetAt] * sizeof(ulong);
        bool hasAttributes = dataSize > 0 && dataSize <= literal.Length;
        if ((item.Parts & InodeParts.DataOwner) != 0 && inode[Inode.FormatAt] == (byte)ForkFormat.Btree)
        {
            Run(hasAttributes ? literal[..dataSize] : literal, item.Inode, geometry);
        }

        if ((item.Parts & InodeParts.AttributeOwner) != 0 && hasAttributes
            && inode[Inode.AttributeFormatAt] == (byte)ForkFormat.Btree)
        {
            Run(literal[dataSize..], item.Inode, geometry);
        }
    }

    private void Run(ReadOnlySpan<byte> fork, InodeNumber owner, Geometry geometry)
    {
        if (!InlineBtreeRoot.TryOpen(fork, BtreeFormat.Bmbt, out BtreeBlock root).IsNone) return;
        string structure = $"bmbt block of inode {owner}";
        Push(in root);
        while (_open.TryPop(out (FsBlock Block, int Level) next))
        {
            if (!geometry.IsValid(next.Block) || !_visited.Add(next.Block.Value)) continue;
            long offset = geometry.ByteOf(next.Block);
            if (!buffers.Fetch(offset, _block.Length, structure)) continue;
            if (!buffers.TryRead(offset, _block)) continue;
            // Its checksum may not be right yet: the block can have been replayed just now.
            bool isBlockMap = ((ReadOnlySpan<byte>)_block).U32(0) == Magic.BmbtV5;
            if (!isBlockMap || BtreeBlock.LevelOf(_block) != next.Level) continue;
            BinaryPrimitives.WriteUInt64BigEndian(_block.AsSpan(BtreeBlock.LongOwnerAt), owner.Value);
            Crc32c.Write(_block, BtreeBlock.LongCrcAt);
            buffers.Patch(offset, _block);
            if (next.Level == 0) continue;
            BtreeBlock node = BtreeBlock.Trusted(_block, BtreeFormat.Bmbt, hasCrc: true);
            int body = _block.Length - BtreeBlock.HeaderSize(BtreeFormat.Bmbt, hasCrc: true);
            if (node.Count <= BtreeBlock.ChildrenMax(body, BtreeFormat.Bmbt)) Push(in node);
        }
    }

    private void Push(in BtreeBlock node)
    {
        for (int child = 0; child < node.Count; child++) _open.Push((new(node.Pointer(child)), node.Level - 1));
    }
}
