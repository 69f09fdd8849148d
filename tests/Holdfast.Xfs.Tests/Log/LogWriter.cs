// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using static Holdfast.Xfs.Log.LogRecordHeader;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>
/// Writes log records into memory as the kernel writes them to the device: header, extended headers, data padded to the
/// stripe unit, a cycle number over the first word of every block, one more after the end of the log is passed.
/// </summary>
internal sealed class LogWriter
{
    internal static readonly Guid Uuid = new("2e63ed16-92a6-4f8e-8b5f-6b6b4f3f2a51");
    private readonly byte[] _log;
    private readonly int _bufferSize;
    private readonly int _headerBlocks;
    private readonly uint _version;

    /// <param name="cycle">The round it is on; above 1, the rest of the log holds blocks of the round before.</param>
    /// <param name="block">Where on it the first record goes.</param>
    internal LogWriter(
        int blocks, int bufferSize = 32768, uint stripeUnit = 0, uint version = 2, uint cycle = 1, int block = 0)
    {
        Block = block;
        _log = new byte[blocks * LogPlace.BlockSize];
        _bufferSize = bufferSize;
        _version = version;
        _headerBlocks = version == 2 ? (bufferSize + DataPerHeaderBlock - 1) / DataPerHeaderBlock : 1;
        Cycle = cycle;
        Place = new LogPlace
        {
            Device = DeviceRole.Log,
            Offset = 0,
            Length = _log.Length,
            StripeUnit = stripeUnit,
            IsVersion2 = version == 2,
            Uuid = Uuid,
        };
        for (int filled = 0; filled < blocks; filled++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(BlockAt(filled), filled < Block ? Cycle : Cycle - 1);
        }
    }

    internal LogPlace Place { get; private set; }

    internal uint Cycle { get; private set; }

    internal int Block { get; private set; }

    internal LogSequenceNumber Head => new(Cycle, (uint)Block);

    /// <summary>What the next records name as the tail; the <see cref="Head"/> says that all is written back.</summary>
    internal LogSequenceNumber Tail { get; set; }

    /// <summary>The starts of all records, oldest first.</summary>
    internal List<LogSequenceNumber> Records { get; } = [];

    internal byte[] Bytes => _log;

    /// <summary>Sums the headers as i386 does.</summary>
    internal bool IsI386 { get; set; }

    internal bool HasChecksums { get; set; } = true;

    /// <summary>Whose log it is: a mount takes only its own.</summary>
    internal Guid FilesystemUuid { get; init; } = Uuid;

    internal LogState FindState() => FindState(Place);

    internal LogState FindState(LogPlace place)
    {
        using var source = new MemoryBlockSource("log", _log);
        return LogReader.FindState(source, place);
    }

    internal Span<byte> BlockAt(long block) => _log.AsSpan((int)block * LogPlace.BlockSize, LogPlace.BlockSize);

    /// <summary>Most bytes of data that one record takes: the headers are part of the buffer.</summary>
    internal int LengthMax => _bufferSize - _headerBlocks * LogPlace.BlockSize;

    /// <summary>A record of pseudo-random data, at least <paramref name="length"/> bytes of it.</summary>
    internal void Append(int length, Random random)
    {
        byte[] data = new byte[Padded(length)];
        random.NextBytes(data);
        Append(data, operations: 7);
    }

    /// <summary>Records up to the last block of the log, if they fit so: the next one starts at the first.</summary>
    internal void AppendToEnd(Random random)
    {
        for (int left = Left(); left > 0 && Block != 0; left = Left())
        {
            Append(left <= LengthMax ? left : Math.Min(LengthMax, left / 2), random);
        }

        int Left() => ((int)Place.Blocks - Block - _headerBlocks) * LogPlace.BlockSize;
    }

    /// <summary>The record that a clean unmount leaves.</summary>
    internal void AppendUnmount()
    {
        Tail = Head;
        byte[] data = new byte[Padded(LogPlace.BlockSize)];
        data[sizeof(ulong)] = 0xaa; // the client
        data[sizeof(ulong) + 1] = LogOperationHeader.UnmountFlag;
        Append(data, operations: 1);
    }

    private int Padded(int length)
    {
        int unit = (int)Math.Max(LogPlace.BlockSize, Place.StripeUnit);
        int headers = _headerBlocks * LogPlace.BlockSize;
        return (headers + length + unit - 1) / unit * unit - headers;
    }

    /// <summary>A record of whole operations.</summary>
    internal void Append(ReadOnlySpan<byte> operations, uint count)
    {
        byte[] data = new byte[Padded(operations.Length)];
        operations.CopyTo(data);
        Append(data, count);
    }

    private void Append(byte[] data, uint operations)
    {
        if (Tail == default) Tail = Head;
        byte[] record = new byte[_headerBlocks * LogPlace.BlockSize + data.Length];
        data.CopyTo(record, _headerBlocks * LogPlace.BlockSize);
        WriteHeader(record, data.Length, operations);
        Stamp(record);
        if (HasChecksums) WriteChecksum(record, data.Length);
        Records.Add(Head);
        foreach (byte[] block in record.Chunk(LogPlace.BlockSize))
        {
            block.CopyTo(BlockAt(Block));
            if (++Block < Place.Blocks) continue;
            Block = 0;
            Cycle++;
        }
    }

    private void WriteHeader(Span<byte> record, int length, uint operations)
    {
        BinaryPrimitives.WriteUInt32BigEndian(record[At.MagicAt..], Magic);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.CycleAt..], Cycle);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.VersionAt..], _version);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.LengthAt..], (uint)length);
        BinaryPrimitives.WriteUInt64BigEndian(record[At.LsnAt..], Head.Value);
        BinaryPrimitives.WriteUInt64BigEndian(record[At.TailLsnAt..], Tail.Value);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.OperationCountAt..], operations);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.FormatAt..], 1);
        FilesystemUuid.TryWriteBytes(record[At.UuidAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(record[At.BufferSizeAt..], _version == 2 ? (uint)_bufferSize : 0);
    }

    /// <summary>Moves the first word of every data block into the headers and puts the cycle there.</summary>
    private void Stamp(Span<byte> record)
    {
        int untilEnd = ((int)Place.Blocks - Block) * LogPlace.BlockSize;
        for (int at = LogPlace.BlockSize; at < record.Length; at += LogPlace.BlockSize)
        {
            int index = at / LogPlace.BlockSize - _headerBlocks;
            uint cycle = at < untilEnd ? Cycle : Cycle + 1;
            if (index >= 0)
            {
                int perHeader = DataPerHeaderBlock / LogPlace.BlockSize;
                int kept = index / perHeader * LogPlace.BlockSize + index % perHeader * sizeof(uint)
                    + (index < perHeader ? At.CycleDataAt : At.ExtendedCycleDataAt);
                record.Slice(at, sizeof(uint)).CopyTo(record[kept..]);
            }

            BinaryPrimitives.WriteUInt32BigEndian(record[at..], cycle);
        }
    }

    private void WriteChecksum(Span<byte> record, int length)
    {
        uint crc = ~Crc32c.Compute(record[..(IsI386 ? At.EndAt : At.PaddedEndAt)], At.ChecksumAt);
        int headers = _version == 2 ? (length + DataPerHeaderBlock - 1) / DataPerHeaderBlock : 1;
        for (int i = 1; i < headers; i++)
        {
            crc = Crc32c.Update(crc, record.Slice(i * LogPlace.BlockSize, At.ExtendedEndAt));
        }

        crc = ~Crc32c.Update(crc, record[(_headerBlocks * LogPlace.BlockSize)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[At.ChecksumAt..], crc);
    }
}
