// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>What a block of a directory's or attribute fork's hash btree can be.</summary>
public enum DaBlockKind
{
    /// <summary>None of them, by its magic number.</summary>
    Unknown,
    Node,
    DirectoryLeaf1,
    DirectoryLeafN,
    AttributeLeaf,
}

/// <summary>
/// The header that hash btree nodes, directory leaves and attribute leaves begin with: links to the neighbours and,
/// on V5, the block's own address and owner. Source: xfs_da_format.h (struct xfs_da3_blkinfo, xfs_da_blkinfo).
/// </summary>
public static class DaBlockInfo
{
    internal const int ForwardAt = 0;
    internal const int BackAt = ForwardAt + sizeof(uint);
    internal const int MagicAt = BackAt + sizeof(uint);
    internal const int SizeV4 = MagicAt + sizeof(ushort) + sizeof(ushort); // two bytes of padding
    internal const int CrcAt = SizeV4;
    internal const int AddressAt = CrcAt + sizeof(uint);
    internal const int LsnAt = AddressAt + sizeof(ulong);
    internal const int UuidAt = LsnAt + sizeof(ulong);
    internal const int OwnerAt = UuidAt + 16;
    internal const int SizeV5 = OwnerAt + sizeof(ulong);

    private static readonly BlockStamp Stamp = new(CrcAt, AddressAt, UuidAt, OwnerAt);

    /// <summary>What the block's magic number says it is; nothing else is looked at.</summary>
    public static DaBlockKind KindOf(ReadOnlySpan<byte> block, bool hasCrc)
    {
        if (block.Length < SizeV4) return DaBlockKind.Unknown;
        return (block.U16(MagicAt), hasCrc) switch
        {
            (Magic.DaNodeV5, true) or (Magic.DaNodeV4, false) => DaBlockKind.Node,
            (Magic.DirectoryLeaf1V5, true) or (Magic.DirectoryLeaf1V4, false) => DaBlockKind.DirectoryLeaf1,
            (Magic.DirectoryLeafNV5, true) or (Magic.DirectoryLeafNV4, false) => DaBlockKind.DirectoryLeafN,
            (Magic.AttributeLeafV5, true) or (Magic.AttributeLeafV4, false) => DaBlockKind.AttributeLeaf,
            _ => DaBlockKind.Unknown,
        };
    }

    internal static int SizeOf(bool hasCrc) => hasCrc ? SizeV5 : SizeV4;

    internal static ulong OwnerOf(ReadOnlySpan<byte> block, bool hasCrc) => hasCrc ? block.U64(OwnerAt) : 0;

    /// <summary>Checks length, magic and the block's description of itself.</summary>
    internal static BlockFault Check(ReadOnlySpan<byte> block, scoped in BlockIdentity identity, ushort magic)
    {
        BlockFault fault = BlockStamp.CheckLength(block);
        if (!fault.IsNone) return fault;
        ushort found = block.U16(MagicAt);
        if (found != magic) return BlockFault.WrongHex("magic", magic, found);
        return Stamp.Check(block, in identity);
    }
}
