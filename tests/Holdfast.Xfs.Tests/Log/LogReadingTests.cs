// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.Log;
using Xunit;

namespace Holdfast.Xfs.Tests.Log;

public sealed class LogReadingTests
{
    // Goal: a clean log costs a binary search and what can be in flight, whatever its size.
    [Fact]
    public void A_clean_log_of_200_MiB_costs_little_to_read()
    {
        var random = new Random(1);
        var log = new LogWriter(400_000, cycle: 3, block: 300_000);
        for (int i = 0; i < 100; i++) log.Append(random.Next(1000, 30000), random);
        log.AppendUnmount();
        using var source = new CountingSource(new MemoryBlockSource("log", log.Bytes));
        Assert.Equal(LogStateKind.Clean, LogReader.FindState(source, log.Place).Kind);
        Assert.InRange(source.Reads, 1, 40);
        Assert.InRange(source.Bytes, 1, 4 << 20);
    }

    // Goal: a dirty log is read once from tail to head, in large pieces however small its records are.
    [Fact]
    public void A_dirty_log_is_read_about_once_in_large_pieces()
    {
        var random = new Random(1);
        var log = new LogWriter(200_000, cycle: 3, block: 1000);
        while (log.Block < 150_000) log.Append(random.Next(100, 2000), random);
        using var source = new CountingSource(new MemoryBlockSource("log", log.Bytes));
        Assert.Equal(LogStateKind.Dirty, LogReader.FindState(source, log.Place).Kind);
        long active = (log.Block - 1000L) * LogPlace.BlockSize;
        Assert.InRange(source.Bytes, active, active + active / 8);
        Assert.InRange(source.Reads, 1, 150);
    }

    [Fact]
    public void Header_fields_lie_where_the_format_has_them()
    {
        Assert.Equal(44, LogRecordHeader.At.CycleDataAt);
        Assert.Equal(300, LogRecordHeader.At.FormatAt);
        Assert.Equal(320, LogRecordHeader.At.BufferSizeAt);
        Assert.Equal(328, LogRecordHeader.At.PaddedEndAt);
        Assert.Equal(260, LogRecordHeader.At.ExtendedEndAt);
        Assert.Equal(12, LogOperationHeader.Size);
    }

    private sealed class CountingSource(IBlockSource inner) : IBlockSource
    {
        public int Reads { get; private set; }

        public long Bytes { get; private set; }

        public string Name => inner.Name;

        public long Length => inner.Length;

        public int SectorSize => inner.SectorSize;

        public ReadFault Read(long offset, Span<byte> buffer)
        {
            Reads++;
            Bytes += buffer.Length;
            return inner.Read(offset, buffer);
        }

        public void Dispose() => inner.Dispose();
    }
}
