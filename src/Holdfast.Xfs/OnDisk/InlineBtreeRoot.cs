// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The root of a block map that lies in its inode: level and count, then keys, then pointers, both spread over the
/// fork's room. Source of the format: xfs_format.h (struct xfs_bmdr_block).
/// </summary>
public static class InlineBtreeRoot
{
    private const int LevelAt = 0;
    private const int CountAt = LevelAt + sizeof(ushort);
    private const int HeaderSize = CountAt + sizeof(ushort);

    public static BlockFault TryOpen(ReadOnlySpan<byte> fork, out BtreeBlock root)
    {
        root = default;
        if (fork.Length < HeaderSize) return BlockFault.OutOfBounds("bmdr", HeaderSize, (ulong)fork.Length);
        int level = fork.U16(LevelAt);
        int count = fork.U16(CountAt);
        ReadOnlySpan<byte> body = fork[HeaderSize..];
        int countMax = BtreeBlock.ChildrenMax(body.Length, BtreeFormat.Bmbt);
        if (level is < 1 or >= AgFreeHeader.LevelsMax) return BlockFault.Wrong("bmdr_level", $"1 to {AgFreeHeader.LevelsMax - 1}", $"{level}");
        if (count < 1 || count > countMax) return BlockFault.Wrong("bmdr_numrecs", $"1 to {countMax}", $"{count}");
        root = BtreeBlock.InlineRoot(body, level, count);
        return BlockFault.None;
    }
}
