// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

public sealed class LogDamageTests
{
    // Goal: a crash tears the last records anywhere, and the log then ends with the last whole record.
    // Method: two logs, one that never filled (torn, it ends in zeros) and one that did (it ends in the blocks of the
    // round before); cut at every block of the last 64 KiB.
    [Theory]
    [InlineData(1u)]
    [InlineData(5u)]
    public void A_log_torn_at_any_block_ends_with_the_last_whole_record(uint cycle)
    {
        for (int cut = 1; cut <= 128; cut++)
        {
            LogWriter log = TwelveRecords(cycle, out List<LogSequenceNumber> tails);
            byte[] older = new byte[LogPlace.BlockSize];
            older[3] = (byte)(cycle - 1);
            int from = (int)log.Head.Block - cut;
            for (int block = from; block < log.Head.Block; block++) older.CopyTo(log.BlockAt(block));

            int whole = log.Records.FindLastIndex(r => r.Block <= from);
            LogState state = log.FindState();
            Assert.Empty(state.Faults);
            Assert.Equal((LogStateKind.Dirty, log.Records[whole], log.Records[whole - 1], tails[whole - 1]),
                (state.Kind, state.Head, state.LastRecord!.Value, state.Tail));
        }
    }

    // Goal: bytes that went wrong in the middle of one of the last eight records are taken for a torn write.
    [Fact]
    public void A_damaged_record_within_what_can_be_in_flight_ends_the_log()
    {
        for (int record = 4; record < 12; record++)
        {
            LogWriter log = TwelveRecords(5, out List<LogSequenceNumber> tails);
            LogSequenceNumber head = log.Head;
            log.BlockAt(log.Records[record].Block + 3)[77] ^= 0x10;
            LogState state = log.FindState();
            Assert.Equal((LogStateKind.Dirty, log.Records[record], tails[record - 1]),
                (state.Kind, state.Head, state.Tail));
            Assert.Equal(head.Block, state.HeadBeforeTornWrite);
        }
    }

    [Fact]
    public void A_record_damaged_before_that_cannot_be_a_torn_write()
    {
        LogWriter log = TwelveRecords(5, out _);
        log.BlockAt(log.Records[3].Block + 3)[77] ^= 0x10;
        LogState state = log.FindState();
        Assert.Equal(LogStateKind.Damaged, state.Kind);
        Assert.Equal("h_crc", Assert.Single(state.Faults).Field);
        Assert.Equal(log.Place.BytesOf(log.Records[3].Block, 1).Offset, state.Faults[0].Offset);
    }

    [Fact]
    public void Records_before_the_tail_do_not_matter()
    {
        var random = new Random(3);
        LogWriter log = TwelveRecords(5, out _);
        log.Tail = log.Head;
        for (int i = 0; i < 10; i++) log.Append(12000, random);
        log.BlockAt(log.Records[3].Block + 3)[77] ^= 0x10;
        Assert.Equal((LogStateKind.Dirty, log.Head), (log.FindState().Kind, log.FindState().Head));
    }

    // Goal: where a write that did not arrive had begun to overwrite the tail, the tail is the next whole record.
    [Fact]
    public void A_tail_that_was_overwritten_moves_on()
    {
        var random = new Random(3);
        var log = new LogWriter(1024, cycle: 3);
        while (log.Cycle == 3) log.Append(12000, random);
        log.Tail = log.Records[2];
        while (log.Block + 40 < log.Tail.Block) log.Append(12000, random);
        int next = log.Records.FindIndex(r => r.Block > log.Tail.Block && r.Cycle == 3);
        log.BlockAt(log.Tail.Block + 2)[9] ^= 1;
        LogState state = log.FindState();
        Assert.Equal((LogStateKind.Dirty, log.Head, log.Records[next]), (state.Kind, state.Head, state.Tail));
        Assert.Equal(log.Tail.Block, state.TailBeforeOverwrite);
    }

    [Fact]
    public void A_block_that_cannot_be_read_where_the_ends_are_is_named()
    {
        LogWriter log = TwelveRecords(5, out _);
        foreach (long block in (long[])[0, 4095, log.Head.Block - 1, log.Records[5].Block, log.Records[0].Block + 1])
        {
            ByteRange bad = log.Place.BytesOf(block, 1);
            using var source = new DistrustingBlockSource(
                new MemoryBlockSource("log", log.Bytes), ByteRangeSet.From([bad]));
            LogState state = LogReader.FindState(source, log.Place);
            Assert.Equal(LogStateKind.Damaged, state.Kind);
            Assert.Equal(("read", bad.Offset), (state.Faults[0].Field, state.Faults[0].Offset));
        }
    }

    // Goal: where a bad block leaves the ends unsure, the rest of the log still tells whether it was unmounted.
    [Theory]
    [InlineData(true, LogStateKind.Clean)]
    [InlineData(false, LogStateKind.Dirty)]
    public void The_readable_part_says_what_the_log_seems_to_be(bool unmounted, LogStateKind apparent)
    {
        LogWriter log = TwelveRecords(5, out _);
        if (unmounted) log.AppendUnmount();
        long middle = (log.Place.Blocks - 1) / 2; // where the binary search begins
        foreach (long block in (long[])[middle, log.Records[5].Block, log.Records[9].Block + 2, log.Head.Block])
        {
            ByteRangeSet bad = ByteRangeSet.From([log.Place.BytesOf(block, 1)]);
            using var source = new DistrustingBlockSource(new MemoryBlockSource("log", log.Bytes), bad);
            LogState state = LogReader.FindState(source, log.Place);
            Assert.Equal((LogStateKind.Damaged, apparent), (state.Kind, state.Apparent!.Value));
        }

        ByteRangeSet everything = ByteRangeSet.From([log.Place.BytesOf(0, log.Place.Blocks)]);
        using var nothing = new DistrustingBlockSource(new MemoryBlockSource("log", log.Bytes), everything);
        Assert.Null(LogReader.FindState(nothing, log.Place).Apparent);
    }

    [Fact]
    public void A_block_that_cannot_be_read_elsewhere_does_not_matter()
    {
        var random = new Random(3);
        var log = new LogWriter(40960, cycle: 2);
        while (log.Block < 20000)
        {
            log.Tail = log.Head;
            log.Append(30000, random);
        }

        ByteRangeSet bad = ByteRangeSet.From(
            [log.Place.BytesOf(1, 10000), log.Place.BytesOf(log.Block + 700, 300), log.Place.BytesOf(35000, 1000)]);
        using var source = new DistrustingBlockSource(new MemoryBlockSource("log", log.Bytes), bad);
        LogState state = LogReader.FindState(source, log.Place);
        Assert.Empty(state.Faults);
        Assert.Equal((LogStateKind.Dirty, log.Head, log.Tail), (state.Kind, state.Head, state.Tail));
    }

    [Fact]
    public void A_truncated_image_is_a_fault()
    {
        LogWriter log = TwelveRecords(1, out _);
        using var source = new MemoryBlockSource("log", log.Bytes.AsMemory(0, 100_000));
        LogState state = LogReader.FindState(source, log.Place);
        Assert.Equal(LogStateKind.Damaged, state.Kind);
        Assert.Equal("read", Assert.Single(state.Faults).Field);
    }

    // Goal: nothing that a log can hold makes the search throw or run on.
    // Method: seeded runs of bytes over the fields of headers, where they tell, and over anything.
    [Fact]
    public void No_bytes_make_the_search_throw()
    {
        var random = new Random(20);
        int dirty = 0;
        for (int run = 0; run < 1000; run++)
        {
            LogWriter log = TwelveRecords((uint)random.Next(1, 3), out _);
            for (int hit = 0; hit < 4; hit++)
            {
                long block = random.Next(3) == 0
                    ? random.Next(4096)
                    : log.Records[random.Next(log.Records.Count)].Block;
                Span<byte> bytes = log.BlockAt(block);
                int at = random.Next(4) == 0 ? random.Next(512) : random.Next(LogRecordHeader.At.CycleDataAt / 4) * 4;
                if (random.Next(5) == 0) at = LogRecordHeader.At.BufferSizeAt;
                random.NextBytes(bytes.Slice(at, random.Next(1, Math.Min(9, 513 - at))));
            }

            LogState state = log.FindState();
            Assert.True(state.Kind != LogStateKind.Damaged || state.Faults.Count > 0);
            if (state.Kind == LogStateKind.Dirty) dirty++;
        }

        Assert.InRange(dirty, 100, 900);
    }

    /// <summary>Twelve records in a log of 4096 blocks, the tail at the first.</summary>
    private static LogWriter TwelveRecords(uint cycle, out List<LogSequenceNumber> tails)
    {
        var random = new Random(11);
        var log = new LogWriter(4096, cycle: cycle);
        tails = [];
        for (int i = 0; i < 12; i++)
        {
            log.Append(random.Next(2000, 16000), random);
            tails.Add(log.Tail);
        }

        return log;
    }
}
