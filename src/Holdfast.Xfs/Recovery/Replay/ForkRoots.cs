// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The root of a fork's btree, logged as it lies in memory, with the header of a whole block, put into the inode, where
/// it has a header of its own and its pointers lie elsewhere. Source of the formats: xfs_format.h (struct
/// xfs_bmdr_block, xfs_rtrmap_root, xfs_rtrefcount_root).
/// </summary>
internal static class ForkRoots
{
    private const int LevelAt = sizeof(uint);
    private const int CountAt = LevelAt + sizeof(ushort);
    private const int InlineCountAt = sizeof(ushort);
    private const int InlineHeaderSize = InlineCountAt + sizeof(ushort);

    /// <param name="logged">The root as it was logged.</param>
    /// <param name="fork">The fork's room in the inode.</param>
    public static BlockFault Put(ReadOnlySpan<byte> logged, Span<byte> fork, BtreeFormat format, bool hasCrc)
    {
        int header = BtreeBlock.HeaderSize(format, hasCrc);
        if (logged.Length < header) return BlockFault.OutOfBounds("bb length", (ulong)header, (ulong)logged.Length);
        if (fork.Length < InlineHeaderSize)
        {
            return BlockFault.OutOfBounds("di_forkoff", InlineHeaderSize, (ulong)fork.Length);
        }

        int level = logged.U16(LevelAt);
        int count = logged.U16(CountAt);
        ReadOnlySpan<byte> from = logged[header..];
        Span<byte> to = fork[InlineHeaderSize..];
        bool isLeaf = level == 0;
        int roomFrom = isLeaf ? from.Length / format.RecordSize : BtreeBlock.ChildrenMax(from.Length, format);
        int roomTo = isLeaf ? to.Length / format.RecordSize : InlineBtreeRoot.ChildrenMax(to.Length, format);
        if (count > roomFrom || count > roomTo || level >= AgFreeHeader.LevelsMax)
        {
            return BlockFault.OutOfBounds("bb_numrecs", (ulong)count, (ulong)Math.Min(roomFrom, roomTo));
        }

        BinaryPrimitives.WriteUInt16BigEndian(fork, (ushort)level);
        BinaryPrimitives.WriteUInt16BigEndian(fork[InlineCountAt..], (ushort)count);
        if (isLeaf)
        {
            from[..(count * format.RecordSize)].CopyTo(to);
            return BlockFault.None;
        }

        from[..(count * format.KeyStride)].CopyTo(to);
        from.Slice(roomFrom * format.KeyStride, count * format.PointerSize).CopyTo(to[(roomTo * format.KeyStride)..]);
        return BlockFault.None;
    }
}
