// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// One metadata area of a physical volume: a header of 512 bytes, the rest a ring of texts of which the header points
/// at the current one. Format of the header: CRC from the next field on, 16 bytes of magic, version, own position,
/// size, then slots of (offset in the area, size, CRC of the text, flags); the first slot is the committed text.
/// </summary>
internal static class LvmMetadataArea
{
    internal const int HeaderSize = 512;

    /// <summary>More than any group's text; a bound on what a header can ask for.</summary>
    internal const int TextLengthMax = 64 << 20;

    private const string HeaderStructure = "LVM metadata header";
    private const string TextStructure = "LVM metadata";
    private const uint IgnoredFlag = 1;

    private static ReadOnlySpan<byte> Magic => " LVM2 x[5A%r0N*>"u8;

    private const int CrcAt = 0;
    private const int MagicAt = CrcAt + sizeof(uint);
    private const int VersionAt = MagicAt + 16;
    private const int StartAt = VersionAt + sizeof(uint);
    private const int SizeAt = StartAt + sizeof(ulong);
    private const int SlotAt = SizeAt + sizeof(ulong);

    private const int TextOffsetAt = 0;
    private const int TextSizeAt = TextOffsetAt + sizeof(ulong);
    private const int TextCrcAt = TextSizeAt + sizeof(ulong);
    private const int FlagsAt = TextCrcAt + sizeof(uint);

    /// <summary>
    /// The committed text, verified. Null with a fault where it cannot be believed, null without where the area holds
    /// none: the volume is in no group, or its copy is switched off.
    /// </summary>
    internal static byte[]? ReadText(Probe probe, long start)
    {
        byte[] bytes = new byte[HeaderSize];
        if (!TryRead(probe, start, bytes, HeaderStructure)) return null;
        ReadOnlySpan<byte> header = bytes;
        FieldFault fault = Check(header, start);
        if (!fault.IsNone)
        {
            probe.Faults.Add(fault.At(probe, start, HeaderSize, HeaderStructure));
            return null;
        }

        ReadOnlySpan<byte> slot = header[SlotAt..];
        ulong offset = slot.U64(TextOffsetAt);
        ulong length = slot.U64(TextSizeAt);
        ulong areaSize = header.U64(SizeAt);
        if (offset == 0 || (slot.U32(FlagsAt) & IgnoredFlag) != 0) return null;
        ulong lengthMax = Math.Min(areaSize - HeaderSize, TextLengthMax);
        if (offset < HeaderSize || offset >= areaSize || length == 0 || length > lengthMax)
        {
            probe.Faults.Add(probe.At(start, HeaderSize, HeaderStructure, "raw_locn", $"{length} bytes at {offset}"));
            return null;
        }

        return ReadRing(probe, start, (long)areaSize, (long)offset, (int)length, slot.U32(TextCrcAt));
    }

    private static FieldFault Check(ReadOnlySpan<byte> header, long start)
    {
        if (!header[MagicAt..].StartsWith(Magic)) return FieldFault.Bad("magic", "no metadata area");
        uint crc = Crc32.Update(LvmLabel.CrcSeed, header[MagicAt..HeaderSize]);
        if (crc != header.U32(CrcAt)) return FieldFault.WrongHex("checksum", crc, header.U32(CrcAt));
        if (header.U32(VersionAt) != 1) return FieldFault.Wrong("version", 1, header.U32(VersionAt));
        if (header.U64(StartAt) != (ulong)start) return FieldFault.Wrong("start", (ulong)start, header.U64(StartAt));
        ulong sizeMax = (ulong)(long.MaxValue - start);
        return header.U64(SizeAt) is <= HeaderSize || header.U64(SizeAt) > sizeMax
            ? new("size", $"above {HeaderSize}", $"{header.U64(SizeAt)}")
            : FieldFault.None;
    }

    /// <summary>A text that reaches the end of the area goes on behind the header.</summary>
    private static byte[]? ReadRing(Probe probe, long start, long areaSize, long offset, int length, uint wanted)
    {
        byte[] text = new byte[length];
        int first = (int)Math.Min(length, areaSize - offset);
        if (!TryRead(probe, start + offset, text.AsSpan(0, first), TextStructure)) return null;
        if (first < length && !TryRead(probe, start + HeaderSize, text.AsSpan(first), TextStructure)) return null;
        uint crc = Crc32.Update(LvmLabel.CrcSeed, text);
        if (crc == wanted) return text;
        probe.Faults.Add(probe.WrongHex(start + offset, first, TextStructure, "checksum", wanted, crc));
        return null;
    }

    private static bool TryRead(Probe probe, long offset, Span<byte> buffer, string structure)
    {
        if (offset > probe.Source.Length - buffer.Length)
        {
            probe.Faults.Add(probe.At(offset, buffer.Length, structure, "read", "lies past the end of the device"));
            return false;
        }

        if (probe.TryRead(offset, buffer, structure)) return true;
        // Its place is known, so this is more than a miss.
        probe.MissesAreFaults(LayoutFaultEffect.Incomplete);
        return false;
    }
}
