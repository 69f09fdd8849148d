// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using static Holdfast.Xfs.Log.LogRecordHeader;

namespace Holdfast.Xfs.Log;

/// <summary>
/// Walks the records from a tail to a head and verifies each: its header and its checksum. How many blocks a header
/// takes and how long a record may be comes from the first record of the walk, for all of them.
/// </summary>
internal sealed class LogRecordWalk
{
    private readonly LogBlocks _log;
    private readonly uint _headerBlocks;
    private readonly uint _lengthMax;

    private LogRecordWalk(LogBlocks log, uint headerBlocks, uint lengthMax)
    {
        _log = log;
        _headerBlocks = headerBlocks;
        _lengthMax = lengthMax;
    }

    /// <param name="badRecord">Where it failed: the block at which the record starts.</param>
    internal static LogFault Verify(LogBlocks log, long tail, long head, out long badRecord)
    {
        badRecord = tail;
        LogFault fault = Open(log, tail, out LogRecordWalk? walk);
        return walk is null ? fault : walk.VerifyAll(tail, head, out badRecord);
    }

    /// <summary>Log blocks that the headers of a record take.</summary>
    internal uint HeaderBlocks => _headerBlocks;

    /// <summary>Bytes of data that a record has at most.</summary>
    internal uint LengthMax => _lengthMax;

    /// <summary>Learns from the record at the tail what holds for all of them.</summary>
    internal static LogFault Open(LogBlocks log, long tail, out LogRecordWalk? walk)
    {
        walk = null;
        if (!log.Place.IsVersion2)
        {
            walk = new(log, headerBlocks: 1, DataPerHeaderBlock);
            return LogFault.None;
        }

        LogFault fault = log.Forward(tail, 1, out ReadOnlySpan<byte> block);
        if (!fault.IsNone) return fault;
        LogRecordHeader header = View(block);
        uint bufferSize = header.BufferSize;
        // An old mkfs padded its one unmount record to the stripe unit but wrote the default buffer size over it.
        uint mountBufferSize = Math.Max(DataPerHeaderBlock, log.Place.StripeUnit);
        bool isOldMkfs = header.Length > bufferSize && header.Length <= mountBufferSize && header.OperationCount == 1;
        if (isOldMkfs) bufferSize = mountBufferSize;

        BlockFault why = header.Check(Math.Min(bufferSize, int.MaxValue));
        if (!why.IsNone) return LogFault.Corrupt(tail, why);
        if (bufferSize > log.Count * LogPlace.BlockSize)
        {
            return LogFault.Inconsistent(tail, BlockFault.OutOfBounds("h_size", bufferSize, (ulong)log.Place.Length));
        }

        uint headers = LogRecordHeader.HeaderBlocks(isVersion2: true, header.Version, bufferSize);
        walk = new(log, headers, bufferSize);
        return LogFault.None;
    }

    private LogFault VerifyAll(long tail, long head, out long badRecord)
    {
        long position = tail;
        long end = tail > head ? _log.Count : head;
        bool mayWrap = tail > head;
        while (position < end)
        {
            badRecord = position;
            LogFault fault = VerifyOne(position, mayWrap, out long blocks);
            if (!fault.IsNone) return fault;
            position += blocks;
            if (!mayWrap || position < end) continue;
            position -= _log.Count;
            (mayWrap, end) = (false, head);
        }

        badRecord = 0;
        return LogFault.None;
    }

    private LogFault VerifyOne(long position, bool mayWrap, out long blocks)
    {
        blocks = 0;
        if (!mayWrap && position + _headerBlocks > _log.Count) return PastEnd(position, _headerBlocks);
        LogFault fault = _log.Forward(position, 1, out ReadOnlySpan<byte> first);
        if (!fault.IsNone) return fault;
        LogRecordHeader header = View(first);
        BlockFault why = header.Check(_lengthMax);
        if (!why.IsNone) return LogFault.Corrupt(position, why);

        uint stored = header.Checksum;
        uint length = header.Length;
        long data = position + _headerBlocks;
        long dataBlocks = BlocksOf(length);
        blocks = _headerBlocks + dataBlocks;
        // Only a record that crosses the end of the log once can be followed.
        long dataEnd = (data >= _log.Count ? data - _log.Count : data) + dataBlocks;
        bool crosses = mayWrap && data < _log.Count;
        if (dataEnd > _log.Count && !crosses) return PastEnd(position, blocks);

        fault = Checksum(position, data, length, At.PaddedEndAt, out uint computed);
        if (!fault.IsNone || stored == 0 || stored == computed) return fault;
        fault = Checksum(position, data, length, At.EndAt, out uint computedByI386);
        if (!fault.IsNone || stored == computedByI386) return fault;
        return new(LogFaultKind.BadChecksum, position, 1, BlockFault.WrongHex("h_crc", computed, stored));
    }

    /// <summary>
    /// The record's checksum: over the fields of the headers, its own taken as zero, and the data. The structure of the
    /// first header has padding at its end that i386 does not have.
    /// </summary>
    private LogFault Checksum(long position, long data, uint length, int headerEnd, out uint computed)
    {
        computed = 0;
        LogFault fault = _log.Forward(position, 1, out ReadOnlySpan<byte> header);
        if (!fault.IsNone) return fault;
        uint crc = ~Crc32c.Compute(header[..headerEnd], At.ChecksumAt);

        uint headers = _log.Place.IsVersion2 ? (length + DataPerHeaderBlock - 1) / DataPerHeaderBlock : 1;
        if (headers > _headerBlocks)
        {
            ulong lengthMax = _headerBlocks * (ulong)DataPerHeaderBlock;
            return LogFault.Corrupt(position, BlockFault.OutOfBounds("h_len", length, lengthMax));
        }

        for (uint i = 1; i < headers; i++)
        {
            fault = Sum(position + i, At.ExtendedEndAt, ref crc);
            if (!fault.IsNone) return fault;
        }

        for (long block = data, left = length; left > 0;)
        {
            // In pieces, so that the memory does not grow with what the header says.
            long pieceMax = Math.Min(LogBlocks.ForwardMax, _log.Count - block % _log.Count) * LogPlace.BlockSize;
            int piece = (int)Math.Min(left, pieceMax);
            fault = Sum(block, piece, ref crc);
            if (!fault.IsNone) return fault;
            left -= piece;
            block += BlocksOf(piece);
        }

        computed = ~crc;
        return LogFault.None;
    }

    private LogFault Sum(long block, int bytes, ref uint crc)
    {
        LogFault fault = _log.Forward(block % _log.Count, BlocksOf(bytes), out ReadOnlySpan<byte> piece);
        if (fault.IsNone) crc = Crc32c.Update(crc, piece[..bytes]);
        return fault;
    }

    private static long BlocksOf(long bytes) => (bytes + LogPlace.BlockSize - 1) / LogPlace.BlockSize;

    private LogFault PastEnd(long position, long blocks) => LogFault.Corrupt(
        position, BlockFault.Bad("h_len", $"{blocks} blocks from block {position} leave a log of {_log.Count} blocks"));
}
