// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// The label of an LVM2 physical volume and the header behind it, checked: who the volume is and where its metadata
/// areas lie, in bytes of the volume. Format: "LABELONE", own sector, CRC from the next field to the sector's end,
/// offset of the header, "LVM2 001"; then the header: identifier, size, and two lists of (offset, size) pairs, each
/// ended by zeros, for data and for metadata.
/// </summary>
internal sealed record LvmLabel(string Uuid, long DeviceSize, ByteRange Sector, IReadOnlyList<ByteRange> MetadataAreas)
{
    /// <summary>A label lies in one of so many first sectors; these are of 512 bytes on every disk.</summary>
    internal const int SectorsSearched = 4;

    internal const int SectorSize = 512;

    /// <summary>Every CRC of LVM's starts from this and is not complemented.</summary>
    internal const uint CrcSeed = 0xF597A6CF;

    private static ReadOnlySpan<byte> Magic => "LABELONE"u8;

    private static ReadOnlySpan<byte> Type => "LVM2 001"u8;

    private const int MagicAt = 0;
    private const int OwnSectorAt = MagicAt + sizeof(ulong);
    private const int CrcAt = OwnSectorAt + sizeof(ulong);
    private const int HeaderOffsetAt = CrcAt + sizeof(uint);
    private const int TypeAt = HeaderOffsetAt + sizeof(uint);
    private const int LabelSize = TypeAt + sizeof(ulong);

    private const int UuidAt = 0;
    private const int DeviceSizeAt = UuidAt + LvmUuid.Size;
    private const int AreasAt = DeviceSizeAt + sizeof(ulong);
    private const int AreaSize = sizeof(ulong) + sizeof(ulong);

    internal static bool HasMagic(ReadOnlySpan<byte> sector) =>
        sector[MagicAt..].StartsWith(Magic) && sector[TypeAt..].StartsWith(Type);

    internal static FieldFault TryOpen(ReadOnlySpan<byte> sector, int number, out LvmLabel? label)
    {
        label = null;
        if (sector.U64(OwnSectorAt) != (ulong)number)
        {
            return FieldFault.Wrong("sector", (ulong)number, sector.U64(OwnSectorAt));
        }

        uint crc = Crc32.Update(CrcSeed, sector[HeaderOffsetAt..SectorSize]);
        if (crc != sector.U32(CrcAt)) return FieldFault.WrongHex("crc", crc, sector.U32(CrcAt));
        uint headerAt = sector.U32(HeaderOffsetAt);
        if (headerAt is < LabelSize or > SectorSize - AreasAt)
        {
            return new("offset", $"{LabelSize} to {SectorSize - AreasAt}", $"{headerAt}");
        }

        ReadOnlySpan<byte> header = sector[(int)headerAt..SectorSize];
        int at = AreasAt;
        SkipAreas(header, ref at, null);
        var metadata = new List<ByteRange>();
        SkipAreas(header, ref at, metadata);
        long size = (long)Math.Min(header.U64(DeviceSizeAt), long.MaxValue);
        var place = new ByteRange(number * SectorSize, SectorSize);
        label = new(LvmUuid.Format(header.Slice(UuidAt, LvmUuid.Size)), size, place, metadata);
        return FieldFault.None;
    }

    /// <summary>Walks one list of areas to the pair of zeros that ends it, or to the end of the sector.</summary>
    private static void SkipAreas(ReadOnlySpan<byte> header, ref int at, List<ByteRange>? areas)
    {
        while (at + AreaSize <= header.Length)
        {
            ulong offset = header.U64(at);
            ulong size = header.U64(at + sizeof(ulong));
            at += AreaSize;
            if (offset == 0) return;
            if (offset <= long.MaxValue && size <= long.MaxValue - offset) areas?.Add(new((long)offset, (long)size));
        }
    }
}
