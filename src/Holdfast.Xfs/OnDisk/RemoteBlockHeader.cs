// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The header that V5 puts before each part of a remote attribute value or of a symlink's target; V4 has the bytes
/// alone. Both kinds have one layout. Source: xfs_da_format.h (struct xfs_attr3_rmt_hdr), xfs_format.h (struct
/// xfs_dsymlink_hdr).
/// </summary>
internal readonly record struct RemoteBlockHeader(int Offset, int Length, InodeNumber Owner)
{
    private const int MagicAt = 0;
    private const int OffsetAt = MagicAt + sizeof(uint);
    private const int LengthAt = OffsetAt + sizeof(uint);
    internal const int CrcAt = LengthAt + sizeof(uint);
    internal const int UuidAt = CrcAt + sizeof(uint);
    private const int OwnerAt = UuidAt + 16;
    internal const int AddressAt = OwnerAt + sizeof(ulong);
    internal const int LsnAt = AddressAt + sizeof(ulong);
    internal const int Size = LsnAt + sizeof(ulong);

    private static readonly BlockStamp Stamp = new(CrcAt, AddressAt, UuidAt, OwnerAt);

    /// <summary>Bytes of content that <paramref name="length"/> bytes of disk have room for.</summary>
    internal static int SpaceOf(int length, bool hasCrc) => length - (hasCrc ? Size : 0);

    /// <summary>Verifies a V5 block by what it says itself; the whole has at most <paramref name="totalMax"/>
    /// bytes.</summary>
    internal static BlockFault TryOpen(
        ReadOnlySpan<byte> block, in BlockIdentity identity, uint magic, int totalMax, out RemoteBlockHeader header)
    {
        header = default;
        BlockFault fault = BlockStamp.CheckLength(block);
        if (!fault.IsNone) return fault;
        if (!identity.HasCrc) return BlockFault.Bad("magic", "a V4 block does not say what it is");
        uint found = block.U32(MagicAt);
        if (found != magic) return BlockFault.WrongHex("magic", magic, found);
        fault = Stamp.Check(block, in identity);
        if (!fault.IsNone) return fault;
        uint offset = block.U32(OffsetAt);
        uint length = block.U32(LengthAt);
        uint lengthMax = (uint)(block.Length - Size);
        if (length > lengthMax) return BlockFault.OutOfBounds("bytes", length, lengthMax);
        if ((ulong)offset + length > (ulong)totalMax)
        {
            return BlockFault.OutOfBounds("offset", offset, (ulong)totalMax - Math.Min(length, (uint)totalMax));
        }

        header = new((int)offset, (int)length, new(block.U64(OwnerAt)));
        return BlockFault.None;
    }

    /// <summary>
    /// Writes a V5 block: the header, but for its checksum, and the part that it holds. Such blocks are never logged:
    /// their log sequence number is that of no record.
    /// </summary>
    internal static void Write(
        Span<byte> block, uint magic, in BlockIdentity identity, int offset, ReadOnlySpan<byte> part)
    {
        block.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(block[MagicAt..], magic);
        BinaryPrimitives.WriteInt32BigEndian(block[OffsetAt..], offset);
        BinaryPrimitives.WriteInt32BigEndian(block[LengthAt..], part.Length);
        identity.Uuid.TryWriteBytes(block[UuidAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(block[OwnerAt..], identity.Owner ?? 0);
        BinaryPrimitives.WriteUInt64BigEndian(block[AddressAt..], identity.Address.Value);
        BinaryPrimitives.WriteUInt64BigEndian(block[LsnAt..], ulong.MaxValue);
        part.CopyTo(block[Size..]);
    }

    /// <summary>Does the block hold the part that its place in the fork makes it hold?</summary>
    internal BlockFault CheckPart(int offset, int length)
    {
        if (Offset != offset) return BlockFault.Wrong("offset", (ulong)offset, (ulong)Offset);
        return Length != length ? BlockFault.Wrong("bytes", (ulong)length, (ulong)Length) : BlockFault.None;
    }

    internal static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> block, bool hasCrc, int length) =>
        block.Slice(hasCrc ? Size : 0, length);
}
