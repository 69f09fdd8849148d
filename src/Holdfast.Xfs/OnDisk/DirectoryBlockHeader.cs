// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The header that directory data and free-index blocks begin with: V5 (struct xfs_dir3_blk_hdr) with the block's own
/// address and owner, V4 nothing but the magic number. Source: xfs_da_format.h.
/// </summary>
internal static class DirectoryBlockHeader
{
    internal const int MagicAt = 0;
    internal const int CrcAt = MagicAt + sizeof(uint);
    internal const int AddressAt = CrcAt + sizeof(uint);
    internal const int LsnAt = AddressAt + sizeof(ulong);
    internal const int UuidAt = LsnAt + sizeof(ulong);
    internal const int OwnerAt = UuidAt + 16;
    internal const int SizeV5 = OwnerAt + sizeof(ulong);
    internal const int SizeV4 = MagicAt + sizeof(uint);

    private static readonly BlockStamp Stamp = new(CrcAt, AddressAt, UuidAt, OwnerAt);

    internal static int SizeOf(bool hasCrc) => hasCrc ? SizeV5 : SizeV4;

    /// <summary>Checks length, magic and the block's description of itself.</summary>
    internal static BlockFault Check(ReadOnlySpan<byte> block, scoped in BlockIdentity identity, uint magic)
    {
        BlockFault fault = BlockStamp.CheckLength(block);
        if (!fault.IsNone) return fault;
        uint found = block.U32(MagicAt);
        if (found != magic) return BlockFault.WrongHex("magic", magic, found);
        return Stamp.Check(block, in identity);
    }
}
