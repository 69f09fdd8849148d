// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// A GPT header that is believed. Blocks are logical sectors. Source of the format: UEFI specification, "GUID Partition
/// Table Header".
/// </summary>
internal readonly record struct GptHeader(
    ulong AlternateBlock, Guid Disk, ulong EntriesBlock, uint EntryCount, uint EntrySize, uint EntriesCrc)
{
    /// <summary>What is read of it; the checksum covers as much as the header itself says, and that is less.</summary>
    internal const int SizeMax = 512;

    private const ulong Magic = 0x5452415020494645; // "EFI PART"
    private const int EntrySizeMin = GptEntry.Size;
    private const int EntrySizeMax = 4096;
    private const int EntriesLengthMax = 4 << 20;

    private const int MagicAt = 0;
    private const int RevisionAt = MagicAt + sizeof(ulong);
    private const int HeaderSizeAt = RevisionAt + sizeof(uint);
    private const int CrcAt = HeaderSizeAt + sizeof(uint);
    private const int ReservedAt = CrcAt + sizeof(uint);
    private const int OwnBlockAt = ReservedAt + sizeof(uint);
    private const int AlternateBlockAt = OwnBlockAt + sizeof(ulong);
    private const int FirstUsableAt = AlternateBlockAt + sizeof(ulong);
    private const int LastUsableAt = FirstUsableAt + sizeof(ulong);
    private const int DiskAt = LastUsableAt + sizeof(ulong);
    private const int EntriesBlockAt = DiskAt + 16;
    private const int EntryCountAt = EntriesBlockAt + sizeof(ulong);
    private const int EntrySizeAt = EntryCountAt + sizeof(uint);
    private const int EntriesCrcAt = EntrySizeAt + sizeof(uint);
    private const int SizeMin = EntriesCrcAt + sizeof(uint);

    internal int EntriesLength => (int)(EntryCount * EntrySize);

    internal static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.U64(MagicAt) == Magic;

    /// <summary>
    /// Verifies a header that was read from <paramref name="block"/>: a misplaced one is not believed.
    /// </summary>
    internal static FieldFault TryOpen(ReadOnlySpan<byte> bytes, ulong block, out GptHeader header)
    {
        header = default;
        if (!HasMagic(bytes)) return FieldFault.WrongHex("Signature", Magic, bytes.U64(MagicAt));
        uint size = bytes.U32(HeaderSizeAt);
        if (size is < SizeMin or > SizeMax) return new("HeaderSize", $"{SizeMin} to {SizeMax}", $"{size}");
        uint crc = ComputeCrc(bytes[..(int)size]);
        if (crc != bytes.U32(CrcAt)) return FieldFault.WrongHex("HeaderCRC32", crc, bytes.U32(CrcAt));
        if (bytes.U64(OwnBlockAt) != block) return FieldFault.Wrong("MyLBA", block, bytes.U64(OwnBlockAt));
        uint entrySize = bytes.U32(EntrySizeAt);
        if (entrySize is < EntrySizeMin or > EntrySizeMax || entrySize % 8 != 0)
        {
            string wanted = $"a multiple of 8 from {EntrySizeMin} to {EntrySizeMax}";
            return new("SizeOfPartitionEntry", wanted, $"{entrySize}");
        }

        uint count = bytes.U32(EntryCountAt);
        if (count == 0 || (ulong)count * entrySize > EntriesLengthMax)
        {
            return new("NumberOfPartitionEntries", $"1 to {EntriesLengthMax / entrySize}", $"{count}");
        }

        header = new(
            bytes.U64(AlternateBlockAt), bytes.Guid(DiskAt), bytes.U64(EntriesBlockAt), count, entrySize,
            bytes.U32(EntriesCrcAt));
        return FieldFault.None;
    }

    /// <summary>With the checksum's own field taken as zero.</summary>
    private static uint ComputeCrc(ReadOnlySpan<byte> header)
    {
        Span<byte> copy = stackalloc byte[SizeMax];
        header.CopyTo(copy);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[CrcAt..], 0);
        return Crc32.Compute(copy[..header.Length]);
    }
}
