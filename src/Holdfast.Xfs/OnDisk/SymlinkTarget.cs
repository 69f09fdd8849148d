// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>What a symlink points at: bytes, in the inode itself where they fit.</summary>
public static class SymlinkTarget
{
    /// <summary>Bytes.</summary>
    public const int LengthMax = 1024;

    /// <summary>Views a target that lies in the inode (local format) of <paramref name="size"/> bytes.</summary>
    public static BlockFault TryOpen(ReadOnlySpan<byte> fork, long size, out ReadOnlySpan<byte> target)
    {
        target = default;
        int sizeMax = Math.Min(LengthMax, fork.Length);
        if (size < 1 || size > sizeMax) return BlockFault.Wrong("di_size", $"1 to {sizeMax}", $"{size}");
        ReadOnlySpan<byte> bytes = fork[..(int)size];
        int nul = bytes.IndexOf((byte)0);
        if (nul >= 0) return BlockFault.Bad("u.symlink", $"NUL at {nul}");
        target = bytes;
        return BlockFault.None;
    }
}
