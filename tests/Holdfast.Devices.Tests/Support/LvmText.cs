// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Devices.Tests.Support;

/// <summary>
/// Changes the metadata in the first area of a physical volume and seals them again, so that the change is believed.
/// Places are numbers, on purpose not the reader's.
/// </summary>
internal static class LvmText
{
    private const int AreaAt = 4096;
    private const int LabelAt = 512;

    /// <summary>Where the current text lies, in bytes of the disk; one that wraps is not for this.</summary>
    internal static (int Start, int Length) PlaceOf(ReadOnlySpan<byte> disk, int pv = 0)
    {
        ReadOnlySpan<byte> slot = disk[(pv + AreaAt + 40)..];
        int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(slot);
        return (pv + AreaAt + offset, (int)BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]));
    }

    internal static void Seal(byte[] disk, int start, int length, int pv = 0)
    {
        Span<byte> header = disk.AsSpan(pv + AreaAt, 512);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], (ulong)length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[56..], Crc(disk.AsSpan(start, length)));
        BinaryPrimitives.WriteUInt32LittleEndian(header, Crc(header[4..]));
    }

    /// <summary>Every occurrence; the text may change its length.</summary>
    internal static void Replace(byte[] disk, int pv, string right, string wrong)
    {
        (int start, int length) = PlaceOf(disk, pv);
        string text = Encoding.UTF8.GetString(disk, start, length);
        Assert.Contains(right, text, StringComparison.Ordinal);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal));
        changed.CopyTo(disk, start);
        Seal(disk, start, changed.Length, pv);
    }

    internal static void SetLabelUuid(byte[] disk, int pv, string uuid)
    {
        Span<byte> sector = disk.AsSpan(pv + LabelAt, 512);
        Encoding.ASCII.GetBytes(uuid.Replace("-", string.Empty, StringComparison.Ordinal)).CopyTo(sector[32..]);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[16..], Crc(sector[20..]));
    }

    /// <summary>LVM's checksum, bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xF597A6CF;
        foreach (byte next in bytes)
        {
            crc ^= next;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }

        return crc;
    }
}
