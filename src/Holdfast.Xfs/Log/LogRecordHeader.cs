// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using static Holdfast.Xfs.Log.LogRecordHeader.At;

namespace Holdfast.Xfs.Log;

/// <summary>
/// The first block of a log record, viewed in place. The first word of every 512-byte block of the log tells the cycle
/// in which it was written; the words that gave way to it are kept in the header (<see cref="CycleData"/>), and for
/// records above 32 KiB in extended headers, one block each, between the header and the data. Source of the format:
/// xfs_log_format.h (struct xlog_rec_header, xlog_rec_ext_header).
/// </summary>
public readonly ref struct LogRecordHeader
{
    public const uint Magic = 0xFEEDBABE;
    public const uint Version1 = 1;
    public const uint Version2 = 2;

    /// <summary>Bytes of data whose first words one header block can keep.</summary>
    public const int DataPerHeaderBlock = 32 * 1024;

    /// <summary>Largest log buffer that anything writes.</summary>
    public const int BufferSizeMax = 256 * 1024;

    /// <summary>Log buffers that can be on their way to the device at one time.</summary>
    public const int BuffersInFlightMax = 8;

    private readonly ReadOnlySpan<byte> _block;

    private LogRecordHeader(ReadOnlySpan<byte> block) => _block = block;

    /// <summary>Written on which round of the log.</summary>
    public uint Cycle => _block.U32(CycleAt);

    public uint Version => _block.U32(VersionAt);

    /// <summary>Bytes of data, the headers not counted.</summary>
    public uint Length => _block.U32(LengthAt);

    /// <summary>The record's own place.</summary>
    public LogSequenceNumber Lsn => new(_block.U64(LsnAt));

    /// <summary>The oldest record that was still needed when this one was written.</summary>
    public LogSequenceNumber TailLsn => new(_block.U64(TailLsnAt));

    /// <summary>Zero where none was computed.</summary>
    public uint Checksum => Crc32c.Stored(_block, ChecksumAt);

    /// <summary>Log block of the record before.</summary>
    public uint PreviousBlock => _block.U32(PreviousBlockAt);

    public uint OperationCount => _block.U32(OperationCountAt);

    /// <summary>The byte order and structure layout of the data: 1 is little-endian Linux.</summary>
    public uint Format => _block.U32(FormatAt);

    public Guid Uuid => _block.Uuid(UuidAt);

    /// <summary>Bytes in the log buffer that the record was written from; 0 in version 1.</summary>
    public uint BufferSize => _block.U32(BufferSizeAt);

    /// <summary>The data's own first word of block <paramref name="index"/> of the first 32 KiB.</summary>
    public ReadOnlySpan<byte> CycleData(int index) => _block.Slice(CycleDataAt + index * sizeof(uint), sizeof(uint));

    /// <summary>Does a record start with this log block?</summary>
    public static bool IsHeader(ReadOnlySpan<byte> block) => block.U32(MagicAt) == Magic;

    /// <summary>The cycle in which a log block was written, a header or any other; 0 where it never was.</summary>
    public static uint CycleOf(ReadOnlySpan<byte> block) => block.U32(IsHeader(block) ? CycleAt : 0);

    /// <summary>Views a block that <see cref="IsHeader"/>; nothing else in it is believed yet.</summary>
    public static LogRecordHeader View(ReadOnlySpan<byte> block) => new(block[..LogPlace.BlockSize]);

    /// <summary>Log blocks that the headers take, written from a buffer of <paramref name="bufferSize"/>.</summary>
    public static uint HeaderBlocks(bool isVersion2, uint version, uint bufferSize)
    {
        if (!isVersion2 || (version & Version2) == 0) return 1;
        return bufferSize is > DataPerHeaderBlock and <= int.MaxValue
            ? (bufferSize + DataPerHeaderBlock - 1) / DataPerHeaderBlock
            : 1;
    }

    /// <summary>Is this a header that a record of at most <paramref name="lengthMax"/> bytes can follow?</summary>
    public BlockFault Check(uint lengthMax)
    {
        if (!IsHeader(_block)) return BlockFault.WrongHex("h_magicno", Magic, _block.U32(MagicAt));
        if (Version is 0 or > (Version1 | Version2)) return BlockFault.Wrong("h_version", "1 or 2", $"{Version}");
        if (Length == 0 || Length > lengthMax) return BlockFault.Wrong("h_len", $"1 to {lengthMax}", $"{Length}");
        return BlockFault.None;
    }

    /// <summary>Field positions, each the sum of the widths before it.</summary>
    public static class At
    {
        private const int CycleDataSize = DataPerHeaderBlock / LogPlace.BlockSize * sizeof(uint);

        public const int MagicAt = 0;
        public const int CycleAt = MagicAt + sizeof(uint);
        public const int VersionAt = CycleAt + sizeof(uint);
        public const int LengthAt = VersionAt + sizeof(uint);
        public const int LsnAt = LengthAt + sizeof(uint);
        public const int TailLsnAt = LsnAt + sizeof(ulong);
        public const int ChecksumAt = TailLsnAt + sizeof(ulong);
        public const int PreviousBlockAt = ChecksumAt + sizeof(uint);
        public const int OperationCountAt = PreviousBlockAt + sizeof(uint);
        public const int CycleDataAt = OperationCountAt + sizeof(uint);
        public const int FormatAt = CycleDataAt + CycleDataSize;
        public const int UuidAt = FormatAt + sizeof(uint);
        public const int BufferSizeAt = UuidAt + 16;

        /// <summary>Bytes under the checksum where the header ends with its last field: written by i386.</summary>
        public const int EndAt = BufferSizeAt + sizeof(uint);

        /// <summary>Bytes under the checksum where it is padded to eight bytes: written by all others.</summary>
        public const int PaddedEndAt = EndAt + sizeof(uint);

        /// <summary>In an extended header, the cycle comes first and the kept words follow.</summary>
        public const int ExtendedCycleDataAt = sizeof(uint);

        /// <summary>Bytes of an extended header under the checksum.</summary>
        public const int ExtendedEndAt = ExtendedCycleDataAt + CycleDataSize;
    }
}
