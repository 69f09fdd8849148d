// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>
/// Puts magic number, address, owner, UUID and, last, the checksum into a block. The positions are written down here
/// once more, from the format and not from the reader.
/// </summary>
public static class StampWriter
{
    /// <summary>The checksum's position in directory data and free-index blocks.</summary>
    public const int DirectoryCrcAt = 4;

    /// <summary>The checksum's position in hash btree nodes, directory leaves and attribute leaves.</summary>
    public const int DaCrcAt = 12;

    /// <summary>The checksum's position in remote attribute values and symlinks.</summary>
    public const int RemoteCrcAt = 12;

    public static void Directory(Span<byte> block, in BlockIdentity identity, uint magic)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, magic);
        if (!identity.HasCrc) return;
        Write(block, in identity, addressAt: 8, uuidAt: 24, ownerAt: 40);
        Crc32c.Write(block, DirectoryCrcAt);
    }

    public static void Da(Span<byte> block, in BlockIdentity identity, ushort magic)
    {
        BinaryPrimitives.WriteUInt16BigEndian(block[8..], magic);
        if (!identity.HasCrc) return;
        Write(block, in identity, addressAt: 16, uuidAt: 32, ownerAt: 48);
        Crc32c.Write(block, DaCrcAt);
    }

    /// <summary>V5 only: before V5 these blocks had no header.</summary>
    public static void Remote(Span<byte> block, in BlockIdentity identity, uint magic)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, magic);
        Write(block, in identity, addressAt: 40, uuidAt: 16, ownerAt: 32);
        Crc32c.Write(block, RemoteCrcAt);
    }

    private static void Write(Span<byte> block, in BlockIdentity identity, int addressAt, int uuidAt, int ownerAt)
    {
        BinaryPrimitives.WriteUInt64BigEndian(block[addressAt..], identity.Address.Value);
        identity.Uuid.TryWriteBytes(block[uuidAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(block[ownerAt..], identity.Owner ?? 0);
    }
}
