// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Log;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>
/// A log made by seed: any shape of records anywhere on the ring, then damaged as crashes and bad media damage it. What
/// the records hold is noise, so no replay of it gets further than its first operation.
/// </summary>
internal static class CraftedLog
{
    private static readonly int[] BufferSizes = [16384, 32768, 65536, 131072, 262144];

    internal static LogWriter Make(int seed, LogPlace place, out string what)
    {
        var random = new Random(seed);
        LogWriter log = MakeWhole(random, (int)place.Blocks, sectorSize: place.SectorSize);
        what = $"seed {seed}, {log.Records.Count} records, head {log.Head}, tail {log.Tail}";
        for (int damage = random.Next(3); damage > 0; damage--) what += "; " + Damage(log, random);
        return log;
    }

    /// <summary>An undamaged log; of version 1 where asked for.</summary>
    internal static LogWriter MakeWhole(Random random, int blocks, uint version = 2, int sectorSize = 512)
    {
        uint cycle = random.Next(3) == 0 ? 1 : (uint)random.Next(3, 40);
        int block = cycle == 1 ? 0 : random.Next(2) == 0 ? random.Next(blocks) : blocks - random.Next(1, 1500);
        int bufferSize = version == 1 ? 32768 : BufferSizes[random.Next(BufferSizes.Length)];
        uint stripeUnit = version == 2 && random.Next(3) == 0 ? (uint)Math.Min(bufferSize, 4096 << random.Next(7)) : 0;
        if (sectorSize > LogPlace.BlockSize) stripeUnit = Math.Max(stripeUnit, (uint)sectorSize);
        int unit = (int)Math.Max(1, stripeUnit / LogPlace.BlockSize);
        block = block / unit * unit;
        var log = new LogWriter(blocks, bufferSize, stripeUnit, version, cycle, block);
        log.HasChecksums = random.Next(20) != 0;
        int records = random.Next(1, 80);
        for (int i = 0; i < records; i++)
        {
            int count = log.Records.Count;
            if (count > 0 && random.Next(6) == 0) log.Tail = log.Records[random.Next(Math.Max(0, count - 20), count)];
            long used = ((long)log.Head.Cycle - log.Tail.Cycle) * blocks + log.Head.Block - log.Tail.Block;
            if (count > 0 && used + 1100 > blocks) log.Tail = log.Head;
            log.Append(random.Next(3) == 0 ? log.LengthMax : random.Next(1, log.LengthMax), random);
            if (random.Next(60) == 0) log.AppendUnmount();
            if (blocks - log.Block < 600 && random.Next(4) == 0)
            {
                log.AppendToEnd(random);
                records = Math.Min(records, i + random.Next(1, 9));
            }
        }

        if (random.Next(8) == 0) log.AppendUnmount();
        return log;
    }

    private static string Damage(LogWriter log, Random random)
    {
        long blocks = log.Place.Blocks;
        long Around(long back) => (log.Head.Block - back + blocks) % blocks;
        switch (random.Next(8))
        {
            case 0:
            {
                int cut = random.Next(1, 129);
                for (int i = 1; i <= cut; i++) Stale(log, Around(i));
                return $"the last {cut} blocks are of the round before";
            }

            case 1:
            {
                int cut = random.Next(1, 129);
                for (int i = 1; i <= cut; i++) log.BlockAt(Around(i)).Clear();
                return $"the last {cut} blocks are zeros";
            }

            case 2:
            {
                long at = Around(random.Next(1, random.Next(2) == 0 ? 200 : 4000));
                log.BlockAt(at)[random.Next(LogPlace.BlockSize)] ^= (byte)(1 << random.Next(8));
                return $"a bit of block {at} is flipped";
            }

            case 3:
            {
                int back = random.Next(1, 4500);
                int length = random.Next(1, Math.Min(back, 40) + 1);
                for (int i = 0; i < length; i++) Stale(log, Around(back - i));
                return $"{length} blocks are of the round before, {back} from the end";
            }

            case 4:
            {
                int length = random.Next(1, 100);
                for (int i = 0; i < length; i++)
                {
                    Span<byte> block = log.BlockAt((log.Head.Block + i) % blocks);
                    random.NextBytes(block);
                    BinaryPrimitives.WriteUInt32BigEndian(block, log.Cycle);
                }

                return $"{length} blocks past the end are of this round";
            }

            case 5:
            {
                long at = log.Tail.Block + random.Next(8);
                log.BlockAt(at % blocks)[random.Next(LogPlace.BlockSize)] ^= 1;
                return $"block {at} by the tail is changed";
            }

            case 6:
            {
                LogSequenceNumber at = log.Records[^random.Next(1, Math.Min(log.Records.Count, 12) + 1)];
                log.BlockAt(at.Block).Clear();
                return $"the record at {at} has lost its header";
            }

            default:
                return ChangeField(log, random);
        }
    }

    /// <summary>A header field of one of the last records says something else.</summary>
    private static string ChangeField(LogWriter log, Random random)
    {
        LogSequenceNumber at = log.Records[^random.Next(1, Math.Min(log.Records.Count, 12) + 1)];
        (string name, int field, uint[] values) = Fields(log)[random.Next(Fields(log).Length)];
        uint value = values[random.Next(values.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(log.BlockAt(at.Block)[field..], value);
        return $"{name} of the record at {at} is {value}";
    }

    private static (string Name, int Field, uint[] Values)[] Fields(LogWriter log) =>
    [
        ("h_len", LogRecordHeader.At.LengthAt, [0, 1, 512, 32768, 262144, 262145, int.MaxValue, uint.MaxValue]),
        ("h_size", LogRecordHeader.At.BufferSizeAt, [0, 512, 32768, 32769, 65536, 262144, 0x80000000]),
        ("h_cycle", LogRecordHeader.At.CycleAt, [0, log.Cycle - 1, log.Cycle + 1, uint.MaxValue]),
        ("h_tail_lsn", LogRecordHeader.At.TailLsnAt, [log.Cycle - 1, log.Cycle, log.Cycle + 1]),
        ("h_tail_lsn", LogRecordHeader.At.TailLsnAt + 4, [log.Records[0].Block, log.Records[^1].Block]),
        ("h_num_logops", LogRecordHeader.At.OperationCountAt, [0, 1, 2]),
    ];

    private static void Stale(LogWriter log, long block)
    {
        uint cycle = LogRecordHeader.CycleOf(log.BlockAt(block));
        log.BlockAt(block).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(log.BlockAt(block), cycle - 1);
    }
}
