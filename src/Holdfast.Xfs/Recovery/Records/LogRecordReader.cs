// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Recovery.Records;

/// <summary>
/// Reads the records from tail to head, one after the other, and puts back the first word of every block, which had
/// given way to the cycle number. Headers were verified when the ends of the log were found; their values are bounded
/// here again before they become lengths. For one thread.
/// </summary>
internal sealed class LogRecordReader
{
    /// <summary>Format of the data that a little-endian Linux writes (XLOG_FMT_LINUX_LE).</summary>
    private const uint FormatLinux = 1;

    private const int WordsPerHeader = LogRecordHeader.DataPerHeaderBlock / LogPlace.BlockSize;

    private readonly LogBlocks _log;
    private readonly uint _headerBlocks;
    private readonly uint _lengthMax;
    private readonly Stack<LogRecord> _unused = new();
    private readonly long _toRead;
    private long _position;
    private long _read;

    private LogRecordReader(LogBlocks log, long tail, long head, LogRecordWalk walk)
    {
        _log = log;
        _position = tail;
        _toRead = (head - tail + log.Count) % log.Count;
        _headerBlocks = walk.HeaderBlocks;
        _lengthMax = Math.Min(walk.LengthMax, LogRecordHeader.BufferSizeMax);
    }

    /// <param name="log">The log.</param>
    /// <param name="tail">Log block of the first record.</param>
    /// <param name="head">Log block after the last record; equal to the tail where there are none.</param>
    /// <param name="reader">Null with a fault.</param>
    internal static LogFault Open(LogBlocks log, long tail, long head, out LogRecordReader? reader)
    {
        reader = null;
        LogFault fault = LogRecordWalk.Open(log, tail, out LogRecordWalk? walk);
        if (walk is not null) reader = new(log, tail, head, walk);
        return fault;
    }

    /// <param name="record">The next record, held once for the caller; null at the head and with a fault.</param>
    internal LogFault Next(out LogRecord? record)
    {
        record = null;
        if (_read >= _toRead) return LogFault.None;
        LogFault fault = _log.Forward(_position, 1, out ReadOnlySpan<byte> block);
        if (!fault.IsNone) return fault;
        if (!LogRecordHeader.IsHeader(block))
        {
            return LogFault.Corrupt(_position, BlockFault.WrongHex("h_magicno", LogRecordHeader.Magic, block.U32(0)));
        }

        LogRecordHeader header = LogRecordHeader.View(block);
        BlockFault why = header.Check(_lengthMax);
        if (why.IsNone && header.Format != FormatLinux)
        {
            why = BlockFault.Wrong("h_fmt", "1 (little-endian Linux)", $"{header.Format}");
        }

        if (why.IsNone && header.Uuid != _log.Place.Uuid)
        {
            why = BlockFault.Wrong("h_fs_uuid", $"{_log.Place.Uuid}", $"{header.Uuid}");
        }

        long dataBlocks = (header.Length + LogPlace.BlockSize - 1) / LogPlace.BlockSize;
        if (why.IsNone && _read + _headerBlocks + dataBlocks > _toRead)
        {
            why = BlockFault.Bad("h_len", $"{header.Length} bytes reach past the head of the log");
        }

        if (!why.IsNone) return LogFault.Corrupt(_position, why);
        LogRecord next = _unused.Count > 0 ? _unused.Pop() : new(this);
        next.Fill(_position, header);
        fault = Unpack(next, (int)dataBlocks);
        if (!fault.IsNone) return fault;
        _read += _headerBlocks + dataBlocks;
        _position = (_position + _headerBlocks + dataBlocks) % _log.Count;
        record = next;
        return LogFault.None;
    }

    internal void TakeBack(LogRecord record) => _unused.Push(record);

    private LogFault Unpack(LogRecord record, int dataBlocks)
    {
        Span<byte> data = record.Room(dataBlocks * LogPlace.BlockSize);
        for (int at = 0; at < dataBlocks;)
        {
            long block = (_position + _headerBlocks + at) % _log.Count;
            long piece = Math.Min(Math.Min(dataBlocks - at, LogBlocks.ForwardMax), _log.Count - block);
            LogFault fault = _log.Forward(block, piece, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            bytes.CopyTo(data[(at * LogPlace.BlockSize)..]);
            at += (int)piece;
        }

        for (int header = 0; header < _headerBlocks && header * WordsPerHeader < dataBlocks; header++)
        {
            LogFault fault = _log.Forward((_position + header) % _log.Count, 1, out ReadOnlySpan<byte> block);
            if (!fault.IsNone) return fault;
            int wordsAt = header == 0 ? LogRecordHeader.At.CycleDataAt : LogRecordHeader.At.ExtendedCycleDataAt;
            int words = Math.Min(WordsPerHeader, dataBlocks - header * WordsPerHeader);
            for (int word = 0; word < words; word++)
            {
                block.Slice(wordsAt + word * sizeof(uint), sizeof(uint))
                    .CopyTo(data[((header * WordsPerHeader + word) * LogPlace.BlockSize)..]);
            }
        }

        return LogFault.None;
    }
}
