// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Where a kind of V5 block keeps the fields by which it describes itself: directory, attribute and symlink blocks
/// hold the same five, in three arrangements.
/// </summary>
/// <param name="CrcAt">Byte position of the checksum.</param>
/// <param name="AddressAt">Byte position of the block's own disk address.</param>
/// <param name="UuidAt">Byte position of the filesystem's metadata UUID.</param>
/// <param name="OwnerAt">Byte position of the owning inode.</param>
internal readonly record struct BlockStamp(int CrcAt, int AddressAt, int UuidAt, int OwnerAt)
{
    /// <summary>Blocks here are a filesystem block, a directory block or a short extent: 512 bytes to 64 KiB.</summary>
    internal const int BlockSizeMin = 512;

    internal const int BlockSizeMax = 65536;

    /// <summary>A length that no such block can have is a read that was cut short, or too long.</summary>
    internal static BlockFault CheckLength(ReadOnlySpan<byte> block)
    {
        bool sound = block.Length is >= BlockSizeMin and <= BlockSizeMax && block.Length % BlockSizeMin == 0;
        return sound ? BlockFault.None : BlockFault.Wrong("length", "512 to 65536 bytes", $"{block.Length}");
    }

    /// <summary>Is the block whole, of this filesystem, in its place and its owner's? V4 blocks cannot say.</summary>
    internal BlockFault Check(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        if (!identity.HasCrc) return BlockFault.None;
        uint computed = Crc32c.Compute(block, CrcAt);
        uint stored = Crc32c.Stored(block, CrcAt);
        if (computed != stored) return BlockFault.WrongHex("crc", computed, stored);
        Guid uuid = block.Uuid(UuidAt);
        if (uuid != identity.Uuid) return BlockFault.Wrong("uuid", $"{identity.Uuid}", $"{uuid}");
        ulong address = block.U64(AddressAt);
        if (address != identity.Address.Value) return BlockFault.Wrong("blkno", identity.Address.Value, address);
        ulong owner = block.U64(OwnerAt);
        if (identity.Owner is { } wanted && wanted != owner) return BlockFault.Wrong("owner", wanted, owner);
        return BlockFault.None;
    }
}
