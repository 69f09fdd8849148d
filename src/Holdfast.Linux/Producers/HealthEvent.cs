// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures;

namespace Holdfast.Linux.Producers;

/// <summary>What a health event is about (enum of xfs/xfs_fs.h, Linux 7.0).</summary>
public enum HealthDomain
{
    Mount,
    Filesystem,
    Group,
    Inode,
    RealtimeGroup,
    DataDevice,
    RealtimeDevice,
    LogDevice,
    FileRange,
}

/// <summary>What has happened.</summary>
public enum HealthKind
{
    Running,
    Lost,
    Unmount,
    Sick,
    Corrupt,
    Healthy,
    Shutdown,
    MediaError,
    BufferedRead,
    BufferedWrite,
    DirectRead,
    DirectWrite,
    DataLost,
}

/// <summary>
/// struct xfs_health_monitor_event, 64 bytes: domain and type of 32 bits each, nanoseconds since 1970, 32 bytes by
/// domain, 16 not used. Numbers that this does not know are of a later kernel, and are passed over.
/// </summary>
/// <param name="Count">Of <see cref="HealthKind.Lost"/>: events that nobody will ever see.</param>
/// <param name="Mask">What is damaged, or why it was shut down: bits by domain.</param>
/// <param name="Group">Allocation group or realtime group.</param>
/// <param name="Range">Bytes of the device, or of the file.</param>
/// <param name="Errno">Of errno(3), positive.</param>
public readonly record struct HealthEvent(
    HealthDomain Domain, HealthKind Kind, ulong Nanoseconds, long Count, uint Mask, uint Group, ulong Inode,
    uint Generation, ByteRange Range, int Errno)
{
    public const int Size = 64;
    private const long SectorSize = 512;
    private const int KindAt = sizeof(uint);
    private const int TimeAt = KindAt + sizeof(uint);
    private const int UnionAt = TimeAt + sizeof(ulong);

    // Of the union: fs.mask; group.mask, group.gno; inode.mask, inode.gen, inode.ino; shutdown.reasons.
    private const int GroupAt = UnionAt + sizeof(uint);
    private const int SickGenerationAt = UnionAt + sizeof(uint);
    private const int SickInodeAt = SickGenerationAt + sizeof(uint);

    // media.daddr, media.bbcount in sectors of 512 bytes; filerange.pos, .len, .ino, .gen, .error.
    private const int LengthAt = UnionAt + sizeof(ulong);
    private const int FileInodeAt = LengthAt + sizeof(ulong);
    private const int FileGenerationAt = FileInodeAt + sizeof(ulong);
    private const int ErrorAt = FileGenerationAt + sizeof(uint);

    /// <returns>False for what is too short, is of a later kernel, or names a place past 2^63 - 1.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out HealthEvent parsed)
    {
        parsed = default;
        if (bytes.Length < Size) return false;
        uint domain = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(bytes[KindAt..]);
        if (domain > (uint)HealthDomain.FileRange || kind > (uint)HealthKind.DataLost) return false;
        parsed = new HealthEvent
        {
            Domain = (HealthDomain)domain,
            Kind = (HealthKind)kind,
            Nanoseconds = BinaryPrimitives.ReadUInt64LittleEndian(bytes[TimeAt..]),
        };
        return parsed.TryRead(bytes, out parsed);
    }

    private bool TryRead(ReadOnlySpan<byte> bytes, out HealthEvent parsed)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(bytes[UnionAt..]);
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(bytes[UnionAt..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes[LengthAt..]);
        parsed = this;
        switch (Domain)
        {
            case HealthDomain.Mount:
                parsed = this with { Count = (long)Math.Min(start, long.MaxValue), Mask = first };
                return true;
            case HealthDomain.Filesystem:
                parsed = this with { Mask = first };
                return true;
            case HealthDomain.Group or HealthDomain.RealtimeGroup:
                parsed = this with
                {
                    Mask = first, Group = BinaryPrimitives.ReadUInt32LittleEndian(bytes[GroupAt..]),
                };
                return true;
            case HealthDomain.Inode:
                parsed = this with
                {
                    Mask = first,
                    Generation = BinaryPrimitives.ReadUInt32LittleEndian(bytes[SickGenerationAt..]),
                    Inode = BinaryPrimitives.ReadUInt64LittleEndian(bytes[SickInodeAt..]),
                };
                return true;
            case HealthDomain.FileRange:
                if (!TryRange(start, length, 1, out ByteRange inFile)) return false;
                parsed = this with
                {
                    Range = inFile,
                    Inode = BinaryPrimitives.ReadUInt64LittleEndian(bytes[FileInodeAt..]),
                    Generation = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FileGenerationAt..]),
                    Errno = BinaryPrimitives.ReadInt32LittleEndian(bytes[ErrorAt..]),
                };
                return true;
            default:
                if (!TryRange(start, length, SectorSize, out ByteRange onDevice)) return false;
                parsed = this with { Range = onDevice };
                return true;
        }
    }

    private static bool TryRange(ulong start, ulong length, long unit, out ByteRange range)
    {
        range = default;
        ulong most = long.MaxValue / (ulong)unit;
        if (start > most) return false;
        // "To the end", as of a device that is taken away, is as far as offsets go.
        ulong end = length > most - start ? most : start + length;
        range = ByteRange.FromTo((long)start * unit, (long)end * unit);
        return true;
    }
}
