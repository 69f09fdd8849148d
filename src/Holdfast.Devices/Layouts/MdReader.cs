// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>Looks for an md superblock in each of the four places where one can be.</summary>
internal static class MdReader
{
    private const string Structure = "md superblock";
    private const int BadBlockLogLengthMax = 1 << 20;

    // An entry of the list: 54 bits of position, 10 of length; all ones end it.
    private const int BadBlockLengthBits = 10;

    /// <summary>The member that this source is, or null.</summary>
    internal static MdMember? Find(Probe probe)
    {
        long length = probe.Source.Length;
        return TryVersion1(probe, "1.1", 0)
            ?? TryVersion1(probe, "1.2", 4096)
            ?? TryVersion1(probe, "1.0", PlaceOfVersion10(length))
            ?? TryVersion090(probe, MdSuperblock090.PlaceOn(length));
    }

    /// <summary>At least 8 KiB from the end and aligned to 4 KiB.</summary>
    internal static long PlaceOfVersion10(long length) => (length / 512 * 512 - 8192) / 4096 * 4096;

    /// <summary>
    /// What the member's own list says is bad, in bytes of its data area. A list that cannot be read is a fault: what
    /// it would have said is not known.
    /// </summary>
    internal static ByteRangeSet ReadBadBlocks(Probe probe, MdMember member)
    {
        ByteRange log = member.BadBlockLog;
        if (log.IsEmpty || log.Length > BadBlockLogLengthMax || member.BadBlockShift > 32) return ByteRangeSet.Empty;
        byte[] bytes = new byte[log.Length];
        var attempt = new Probe(probe.Source);
        if (!attempt.TryRead(log.Offset, bytes, "md bad block log"))
        {
            attempt.MissesAreFaults(LayoutFaultEffect.Incomplete);
            probe.Faults.AddRange(attempt.Faults);
            return ByteRangeSet.Empty;
        }

        var bad = new List<ByteRange>();
        for (int at = 0; at < bytes.Length; at += sizeof(ulong))
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            if (entry == ulong.MaxValue) break;
            Int128 scale = (Int128)512 << member.BadBlockShift;
            Int128 start = (entry >> BadBlockLengthBits) * scale;
            Int128 end = start + (entry & ((1 << BadBlockLengthBits) - 1)) * scale;
            // Counted from the start of the device, as the data offset is.
            ByteRange range = Clip(start, end).Intersect(member.Data);
            if (!range.IsEmpty) bad.Add(new(range.Offset - member.Data.Offset, range.Length));
        }

        return ByteRangeSet.From(bad);
    }

    private static ByteRange Clip(Int128 start, Int128 end) =>
        start >= long.MaxValue ? default : ByteRange.FromTo((long)start, (long)Int128.Min(end, long.MaxValue));

    private static MdMember? TryVersion1(Probe probe, string version, long at)
    {
        // The header first: the fewer bytes are read, the fewer can be bad.
        byte[] bytes = new byte[MdSuperblock1.SizeMax];
        if (!probe.TryRead(at, bytes.AsSpan(0, MdSuperblock1.HeaderSize), Structure)) return null;
        if (!MdSuperblock1.HasMagic(bytes)) return null;
        int length = (int)Math.Clamp(MdSuperblock1.LengthOf(bytes), MdSuperblock1.HeaderSize, MdSuperblock1.SizeMax);
        if (!probe.TryRead(at, bytes.AsSpan(0, length), Structure)) return null;
        FieldFault fault = MdSuperblock1.TryOpen(bytes.AsSpan(0, length), at, out MdSuperblock1 superblock);
        if (fault.IsNone) return superblock.Describe(version, at);
        // The same magic serves version 0.90, and the last partition's superblock can lie in the disk's place.
        bool isAnothers = fault.Field is "super_offset" or "major_version";
        if (!isAnothers) probe.Faults.Add(fault.At(probe, at, length, Structure));
        return null;
    }

    private static MdMember? TryVersion090(Probe probe, long at)
    {
        byte[] bytes = new byte[MdSuperblock090.Size];
        // The first sector tells whether the rest is worth asking for.
        if (!probe.TryRead(at, bytes.AsSpan(0, 512), Structure) || !MdSuperblock090.HasMagic(bytes)) return null;
        if (!probe.TryRead(at, bytes, Structure)) return null;
        FieldFault fault = MdSuperblock090.TryOpen(bytes, out MdSuperblock090 superblock);
        if (fault.IsNone) return superblock.Describe(at);
        if (fault.Field != "major_version") probe.Faults.Add(fault.At(probe, at, bytes.Length, Structure));
        return null;
    }
}
