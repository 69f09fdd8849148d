// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The three parts of a directory file's offsets, 32 GiB apart whatever the block size. Source: xfs_da_format.h
/// (XFS_DIR2_*_OFFSET).
/// </summary>
public enum DirectorySpace
{
    /// <summary>Blocks of entries; the only part that is within the directory's size.</summary>
    Data,

    /// <summary>Hash index: leaf blocks and the nodes above them.</summary>
    Leaf,

    /// <summary>Free index: how much room each data block has.</summary>
    Free,

    /// <summary>Past all three: no sound directory has a block here.</summary>
    Beyond,
}

/// <summary>Where the parts of a directory file begin, and which one an offset lies in.</summary>
public static class DirectorySpaces
{
    // Leaf entries address the data in units of eight bytes by 32-bit numbers.
    private const long SpaceLength = (1L << 32) * DirectoryDataBlock.Alignment;

    /// <summary>Byte offset in the directory file.</summary>
    public const long DataOffset = 0;

    /// <summary>Byte offset in the directory file: the root of the hash index.</summary>
    public const long LeafOffset = DataOffset + SpaceLength;

    /// <summary>Byte offset in the directory file.</summary>
    public const long FreeOffset = LeafOffset + SpaceLength;

    private const long EndOffset = FreeOffset + SpaceLength;

    public static DirectorySpace Of(long offset) => offset switch
    {
        < LeafOffset => DirectorySpace.Data,
        < FreeOffset => DirectorySpace.Leaf,
        < EndOffset => DirectorySpace.Free,
        _ => DirectorySpace.Beyond,
    };

    /// <summary>Where a block of the data fork lies; <paramref name="blockLog"/> is the filesystem's.</summary>
    public static DirectorySpace Of(FileBlock block, int blockLog) =>
        block.Value >= (ulong)EndOffset >> blockLog ? DirectorySpace.Beyond : Of((long)(block.Value << blockLog));

    public static FileBlock LeafBlock(int blockLog) => new((ulong)LeafOffset >> blockLog);

    public static FileBlock FreeBlock(int blockLog) => new((ulong)FreeOffset >> blockLog);
}
