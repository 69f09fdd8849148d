// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Log;

/// <summary>Where a log lies and what its filesystem says of it. Nothing in it was believed without a bound.</summary>
public sealed record LogPlace
{
    /// <summary>A log block: the unit in which the log counts, whatever the sector size.</summary>
    public const int BlockSize = 512;

    /// <summary>Bytes in the smallest log that any filesystem has had: 512 blocks of 512 bytes.</summary>
    public const long LengthMin = 512 * 512;

    /// <summary>Bytes above which no log goes.</summary>
    public const long LengthMax = 1L << 31;

    private const int SectorSizeMax = 32768;

    /// <summary>The device the log is on: the data device, or one of its own.</summary>
    public required DeviceRole Device { get; init; }

    /// <summary>First byte of the log on its device.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes in the log.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes in a sector of the log device, the unit of log reads.</summary>
    public int SectorSize { get; init; } = BlockSize;

    /// <summary>Bytes to which log writes are padded; 0 or 1 where they are not.</summary>
    public uint StripeUnit { get; init; }

    /// <summary>Version 2: records larger than 32 KiB and stripe units.</summary>
    public bool IsVersion2 { get; init; } = true;

    /// <summary>The user-visible UUID of the filesystem: the one that log records carry.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>
    /// The sequence number in the superblock: the log must have come at least as far. Zero where there is none (V4).
    /// </summary>
    public LogSequenceNumber SuperblockLsn { get; init; }

    /// <summary>Log blocks in the log.</summary>
    public uint Blocks => (uint)(Length / BlockSize);

    /// <summary>The place that the superblock names. An external log fills its device from the first byte on.</summary>
    /// <param name="superblockLsn"><see cref="Superblock.Lsn"/>; ignored on V4, which has none.</param>
    public static LogPlace Of(Geometry geometry, ulong superblockLsn) => new()
    {
        Device = geometry.LogStart is null ? DeviceRole.Log : DeviceRole.Data,
        Offset = geometry.LogStart is { } start ? geometry.ByteOf(start) : 0,
        Length = (long)geometry.LogBlocks << geometry.BlockLog,
        SectorSize = geometry.LogSectorSize,
        StripeUnit = geometry.LogStripeUnit,
        IsVersion2 = geometry.Features.LogV2,
        Uuid = geometry.Uuid,
        SuperblockLsn = new(geometry.Features.IsV5 ? superblockLsn : 0),
    };

    /// <summary>Bytes of the device that log blocks cover.</summary>
    public ByteRange BytesOf(long block, long count) => new(Offset + block * BlockSize, count * BlockSize);

    /// <summary>Is this a log that can be searched at all? The superblock is disk input.</summary>
    public BlockFault Check()
    {
        if (Length is < LengthMin or > LengthMax)
        {
            return BlockFault.Wrong("sb_logblocks", $"{LengthMin} to {LengthMax} bytes", $"{Length} bytes");
        }

        if (SectorSize is < BlockSize or > SectorSizeMax || !int.IsPow2(SectorSize) || Length % SectorSize != 0)
        {
            return BlockFault.Wrong("sb_logsectsize", "a power of two from 512 to 32768", $"{SectorSize}");
        }

        return BlockFault.None;
    }
}
