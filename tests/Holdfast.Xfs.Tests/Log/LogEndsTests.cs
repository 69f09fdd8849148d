// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

public sealed class LogEndsTests
{
    public static TheoryData<int, int, uint, uint> Shapes => new()
    {
        { 2048, 32768, 0, 2 },
        { 2048, 16384, 0, 2 },
        { 8192, 65536, 0, 2 },
        { 20480, 262144, 0, 2 },
        { 6000, 131072, 4096, 2 },
        { 8192, 262144, 262144, 2 },
        { 3072, 65536, 65536, 2 },
        { 1024, 32768, 0, 1 },
        { 4099, 32768, 0, 1 },
    };

    // Goal: wherever the log stands on its way round, the ends are the writer's.
    // Method: after every record of a seeded run of several rounds, with the tail moving along now and then, look.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_ends_are_where_the_writer_left_them(int blocks, int bufferSize, uint stripeUnit, uint version)
    {
        var random = new Random(blocks + bufferSize);
        var log = new LogWriter(blocks, bufferSize, stripeUnit, version);
        int checks = 0;
        while (log.Cycle < 3 || log.Block < blocks / 8)
        {
            AppendRoom(log, random, bufferSize, blocks);
            LogState state = log.FindState();
            Assert.Empty(state.Faults);
            Assert.Equal((LogStateKind.Dirty, log.Head, log.Tail, log.Records[^1]),
                (state.Kind, state.Head, state.Tail, state.LastRecord!.Value));
            Assert.False(state.HasUnmountRecord);
            Assert.Null(state.HeadBeforeTornWrite);
            Assert.Null(state.TailBeforeOverwrite);
            checks++;
        }

        Assert.InRange(checks, 20, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void An_unmount_record_at_the_head_means_clean(int blocks, int bufferSize, uint stripeUnit, uint version)
    {
        var random = new Random(blocks);
        var log = new LogWriter(blocks, bufferSize, stripeUnit, version);
        while (log.Cycle < 3 || log.Block < blocks / 8)
        {
            AppendRoom(log, random, bufferSize, blocks);
            log.AppendUnmount();
            LogState state = log.FindState();
            Assert.Equal((LogStateKind.Clean, log.Head, log.Head), (state.Kind, state.Head, state.Tail));
            Assert.True(state.HasUnmountRecord);
            Assert.Empty(state.Faults);
            Assert.Empty(state.ActiveBytes(log.Place));
        }
    }

    [Fact]
    public void A_record_after_the_unmount_means_dirty()
    {
        var random = new Random(1);
        var log = new LogWriter(2048);
        log.AppendUnmount();
        LogSequenceNumber mounted = log.Head;
        log.Tail = mounted;
        log.Append(5000, random);
        LogState state = log.FindState();
        Assert.Equal((LogStateKind.Dirty, log.Head, mounted), (state.Kind, state.Head, state.Tail));
        Assert.Equal([log.Place.BytesOf(mounted.Block, log.Block - mounted.Block)], state.ActiveBytes(log.Place));
    }

    [Fact]
    public void Active_bytes_go_round_the_end_in_two_parts()
    {
        var random = new Random(1);
        var log = new LogWriter(1024);
        while (log.Cycle == 1)
        {
            if (log.Block < 900) log.Tail = log.Head;
            log.Append(30000, random);
        }

        LogState state = log.FindState();
        Assert.Equal(log.Tail, state.Tail);
        ByteRange[] expected =
        [
            log.Place.BytesOf(log.Tail.Block, 1024 - log.Tail.Block), log.Place.BytesOf(0, log.Head.Block),
        ];
        Assert.Equal(expected, state.ActiveBytes(log.Place));
    }

    [Fact]
    public void A_log_of_zeros_has_nothing_to_replay()
    {
        var log = new LogWriter(4096);
        LogState state = log.FindState();
        Assert.Equal(LogStateKind.Zeroed, state.Kind);
        Assert.Equal(state.Head, state.Tail);
        Assert.Empty(state.Faults);
    }

    [Fact]
    public void A_log_that_the_superblock_is_ahead_of_is_damaged()
    {
        var log = new LogWriter(4096);
        log.AppendUnmount();
        Assert.Equal(LogStateKind.Clean, log.FindState(log.Place with { SuperblockLsn = log.Head }).Kind);
        LogState state = log.FindState(log.Place with { SuperblockLsn = new(log.Head.Value + 1) });
        Assert.Equal(LogStateKind.Damaged, state.Kind);
        Assert.Equal("sb_lsn", Assert.Single(state.Faults).Field);
        log.Bytes.AsSpan().Clear();
        Assert.Equal(LogStateKind.Damaged, log.FindState(log.Place with { SuperblockLsn = new(1, 1) }).Kind);
    }

    [Fact]
    public void An_external_log_that_was_not_given_is_neither_clean_nor_dirty()
    {
        LogState state = LogReader.FindState(null, new LogWriter(1024).Place);
        Assert.Equal(LogStateKind.NotSupplied, state.Kind);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Every_way_to_sum_a_record_is_known(bool isI386, bool hasChecksums)
    {
        var random = new Random(5);
        var log = new LogWriter(8192, 131072) { IsI386 = isI386, HasChecksums = hasChecksums };
        for (int i = 0; i < 5; i++) log.Append(100000, random);
        LogState state = log.FindState();
        Assert.Equal((LogStateKind.Dirty, log.Head, log.Tail), (state.Kind, state.Head, state.Tail));
        Assert.Null(state.HeadBeforeTornWrite);
    }

    [Fact]
    public void The_log_of_another_filesystem_is_damaged()
    {
        var log = new LogWriter(2048);
        log.Append(5000, new Random(1));
        LogState state = log.FindState(log.Place with { Uuid = Guid.NewGuid() });
        Assert.Equal(LogStateKind.Damaged, state.Kind);
        Assert.Equal("h_fs_uuid", Assert.Single(state.Faults).Field);
    }

    [Fact]
    public void A_tail_in_front_of_the_head_is_damage()
    {
        var log = new LogWriter(2048);
        log.Append(5000, new Random(1));
        log.Append(5000, new Random(2));
        log.Tail = new(1, 1000);
        log.Append(5000, new Random(3));
        LogState state = log.FindState();
        Assert.Equal(LogStateKind.Damaged, state.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-512)]
    [InlineData(1000)]
    [InlineData(long.MaxValue)]
    public void A_log_of_no_possible_length_is_a_fault(long length)
    {
        var log = new LogWriter(1024);
        LogState state = log.FindState(log.Place with { Length = length });
        Assert.Equal(LogStateKind.Damaged, state.Kind);
        Assert.Equal("sb_logblocks", Assert.Single(state.Faults).Field);
    }

    // Goal: the stale blocks of a round before that stand beyond the head never pass for records of this one.
    [Fact]
    public void A_record_cut_short_by_older_blocks_is_not_believed()
    {
        var random = new Random(9);
        var log = new LogWriter(4096, cycle: 7);
        for (int i = 0; i < 12; i++) log.Append(20000, random);
        byte[] before = [.. log.Bytes];
        LogSequenceNumber whole = log.Head;
        log.Append(20000, random);
        for (int block = (int)whole.Block + 10; block < log.Block; block++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(log.BlockAt(block), 6);
        }

        for (int block = log.Block; block < 4096; block++) BinaryPrimitives.WriteUInt32BigEndian(log.BlockAt(block), 6);
        Assert.NotEqual(before, log.Bytes);
        Assert.Equal(whole, log.FindState().Head);
    }

    /// <summary>Appends one record, moving the tail on so that the writer never runs into it.</summary>
    internal static void AppendRoom(LogWriter log, Random random, int bufferSize, int blocks)
    {
        int length = random.Next(3) == 0 ? log.LengthMax : random.Next(1, log.LengthMax);
        int records = log.Records.Count;
        if (records > 0 && random.Next(4) == 0) log.Tail = log.Records[random.Next(records / 2, records)];
        long used = ((long)log.Head.Cycle - log.Tail.Cycle) * blocks + log.Head.Block - log.Tail.Block;
        if (used + 2 * bufferSize / 512 + 1024 > blocks) log.Tail = log.Head;
        log.Append(length, random);
    }
}
