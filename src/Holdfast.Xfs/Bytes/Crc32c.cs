// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Holdfast.Xfs.Bytes;

/// <summary>
/// CRC-32C as XFS keeps it: seed of all ones, final complement, stored little-endian, computed with the checksum
/// field itself taken as zero.
/// </summary>
public static class Crc32c
{
    public const int Size = sizeof(uint);

    /// <summary>Does the block's stored checksum agree with its bytes?</summary>
    public static bool Verify(ReadOnlySpan<byte> block, int checksumAt) =>
        Stored(block, checksumAt) == Compute(block, checksumAt);

    public static uint Stored(ReadOnlySpan<byte> block, int checksumAt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[checksumAt..]);

    public static uint Compute(ReadOnlySpan<byte> block, int checksumAt)
    {
        uint crc = Update(uint.MaxValue, block[..checksumAt]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Update(crc, block[(checksumAt + Size)..]);
    }

    /// <summary>Puts the right checksum into the block; for test images and for blocks recovered in memory.</summary>
    public static void Write(Span<byte> block, int checksumAt) =>
        BinaryPrimitives.WriteUInt32LittleEndian(block[checksumAt..], Compute(block, checksumAt));

    /// <summary>Continues a running (uncomplemented) checksum.</summary>
    public static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ReadOnlySpan<byte> rest = bytes[(words.Length * sizeof(ulong))..];
        if (Crc32cLanes.AreWorthIt(words.Length)) crc = Crc32cLanes.Update(crc, words);
        else foreach (ulong word in words) crc = BitOperations.Crc32C(crc, word);

        if (rest.Length >= sizeof(uint))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(rest));
            rest = rest[sizeof(uint)..];
        }

        foreach (byte last in rest) crc = BitOperations.Crc32C(crc, last);
        return crc;
    }
}
