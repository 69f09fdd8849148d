// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Log;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Changes a few bytes of a log where they tell: in record headers, in the headers of operations, in what items say of
/// themselves, or anywhere; and makes the record's checksum right again, so that the change is believed.
/// </summary>
internal sealed class LogMutation(LogInMemory log, List<int> records)
{
    private const int ItemFormatSize = 64;

    public void Run(Random random)
    {
        for (int hits = random.Next(1, 4); hits > 0; hits--)
        {
            int record = records[random.Next(records.Count)];
            if (random.Next(8) == 0) HitHeader(random, record);
            else HitData(random, record);
            log.Seal(record);
        }
    }

    private void HitHeader(Random random, int record)
    {
        Span<byte> header = log.Bytes.AsSpan(record * LogPlace.BlockSize, LogPlace.BlockSize);
        int[] fields =
        [
            LogRecordHeader.At.VersionAt, LogRecordHeader.At.LengthAt, LogRecordHeader.At.LsnAt,
            LogRecordHeader.At.TailLsnAt, LogRecordHeader.At.OperationCountAt, LogRecordHeader.At.FormatAt,
            LogRecordHeader.At.BufferSizeAt, LogRecordHeader.At.CycleDataAt + random.Next(64) * sizeof(uint),
        ];
        Change(random, header.Slice(fields[random.Next(fields.Length)], sizeof(uint)));
    }

    private void HitData(Random random, int record)
    {
        Span<byte> header = log.Bytes.AsSpan(record * LogPlace.BlockSize, LogPlace.BlockSize);
        LogRecordHeader view = LogRecordHeader.View(header);
        int dataAt = record * LogPlace.BlockSize
            + (int)LogRecordHeader.HeaderBlocks(true, view.Version, view.BufferSize) * LogPlace.BlockSize;
        int length = (int)Math.Min(view.Length, (uint)(log.Bytes.Length - dataAt));
        int at = random.Next(4) == 0 ? random.Next(length) : Operation(random, log.Bytes.AsSpan(dataAt, length));
        // The first word of a block is its cycle, not data.
        if (at % LogPlace.BlockSize < sizeof(uint)) at += sizeof(uint);
        int size = 1 << random.Next(4);
        if (at + size <= length) Change(random, log.Bytes.AsSpan(dataAt + at, size));
    }

    /// <summary>A byte of an operation's header, or of the first bytes of what it holds.</summary>
    private static int Operation(Random random, ReadOnlySpan<byte> data)
    {
        int at = 0;
        for (int skip = random.Next(60); skip > 0 && at + LogOperationHeader.Size < data.Length; skip--)
        {
            long next = at + LogOperationHeader.Size + (long)LogOperationHeader.Read(data[at..]).Length;
            if (next + LogOperationHeader.Size >= data.Length) break;
            at = (int)next;
        }

        return Math.Min(data.Length - 1, at + random.Next(LogOperationHeader.Size + ItemFormatSize));
    }

    private static void Change(Random random, Span<byte> bytes)
    {
        switch (random.Next(6))
        {
            case 0:
                bytes.Clear();
                break;
            case 1:
                bytes.Fill(0xff);
                break;
            case 2:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 3 when bytes.Length >= sizeof(uint):
                uint value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, unchecked(value + (uint)random.Next(-2, 3)));
                break;
            case 4:
                bytes[0] = unchecked((byte)(bytes[0] + 1));
                break;
            default:
                random.NextBytes(bytes);
                break;
        }
    }
}
