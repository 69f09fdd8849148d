// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Recovery.Transactions;

/// <summary>
/// The region that every transaction begins with: nothing in it is needed but its magic number. Source of the format:
/// xfs_log_format.h (struct xfs_trans_header), in host byte order.
/// </summary>
internal static class TransactionHeader
{
    private const uint Magic = 0x5452414E; // "TRAN"

    private const int MagicAt = 0;
    private const int TypeAt = MagicAt + sizeof(uint);
    private const int IdAt = TypeAt + sizeof(uint);
    private const int ItemCountAt = IdAt + sizeof(uint);

    /// <summary>Bytes.</summary>
    public const int Size = ItemCountAt + sizeof(uint);

    /// <summary>Can this be its beginning? It may be cut off at the end of a record.</summary>
    public static BlockFault CheckStart(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < sizeof(uint) or > Size)
        {
            return BlockFault.Wrong("th length", $"{sizeof(uint)} to {Size} bytes", $"{bytes.Length}");
        }

        uint found = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return found == Magic ? BlockFault.None : BlockFault.WrongHex("th_magic", Magic, found);
    }
}
