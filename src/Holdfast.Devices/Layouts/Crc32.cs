// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>
/// CRC-32 of IEEE 802.3, reflected. GPT seeds and complements it with ones; LVM has its own seed and no end.
/// </summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>Seeded with all ones and complemented, as GPT keeps it.</summary>
    internal static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>Continues a running (uncomplemented) checksum.</summary>
    internal static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes) crc = (crc >> 8) ^ Table[(byte)(crc ^ next)];
        return crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            table[i] = crc;
        }

        return table;
    }
}
