// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The root of a btree that lies in its inode: level and count, then keys, then pointers, both spread over the fork's
/// room. A block map's root is always a node; a realtime group's btree can be records alone. Source of the format:
/// xfs_format.h (struct xfs_bmdr_block, xfs_rtrmap_root, xfs_rtrefcount_root).
/// </summary>
public static class InlineBtreeRoot
{
    internal const int LevelAt = 0;
    internal const int CountAt = LevelAt + sizeof(ushort);
    internal const int HeaderSize = CountAt + sizeof(ushort);

    public static BlockFault TryOpen(ReadOnlySpan<byte> fork, BtreeFormat format, out BtreeBlock root)
    {
        root = default;
        if (fork.Length < HeaderSize) return BlockFault.OutOfBounds("bmdr", HeaderSize, (ulong)fork.Length);
        int level = fork.U16(LevelAt);
        int count = fork.U16(CountAt);
        ReadOnlySpan<byte> body = fork[HeaderSize..];
        int levelMin = format.Name == BtreeName.Bmbt ? 1 : 0;
        if (level < levelMin || level >= AgFreeHeader.LevelsMax)
        {
            return BlockFault.Wrong("bmdr_level", $"{levelMin} to {AgFreeHeader.LevelsMax - 1}", $"{level}");
        }

        int countMin = level == 0 ? 0 : 1;
        int childrenMax = ChildrenMax(body.Length, format);
        int countMax = level == 0 ? body.Length / format.RecordSize : childrenMax;
        if (count < countMin || count > countMax)
        {
            return BlockFault.Wrong("bmdr_numrecs", $"{countMin} to {countMax}", $"{count}");
        }

        root = BtreeBlock.InlineRoot(body, format, level, count, childrenMax);
        return BlockFault.None;
    }

    /// <summary>An rtrefcountbt's root leaves room for two keys a child, although it keeps one (seen on
    /// disk).</summary>
    internal static int ChildrenMax(int size, BtreeFormat format) => format.Name == BtreeName.Rtrefcountbt
        ? size / (2 * format.KeySize + format.PointerSize)
        : BtreeBlock.ChildrenMax(size, format);
}
