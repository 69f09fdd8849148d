// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class MappedBlockSourceTests
{
    // Goal: the way up and the way down agree with a model that knows nothing but one byte at a time.
    // Method: random volumes of linear and striped segments over two disks, one of them a partition of a third; random
    // ranges; every byte compared.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Both_ways_agree_with_a_model_byte_by_byte(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 50; round++)
        {
            byte[] bytes = new byte[4096];
            random.NextBytes(bytes);
            var disk = new MemoryBlockSource("disk", bytes);
            var other = new MemoryBlockSource("other", new byte[4096]);
            var partition = new MappedBlockSource("p1", [MappedSegment.Linear(0, 2000, disk, 700)]);
            MappedBlockSource volume = RandomVolume(random, [disk, other, partition]);
            (IBlockSource Device, long Offset)[] model =
                [.. Enumerable.Range(0, (int)volume.Length).Select(b => Model(volume, b))];

            // Down, all at once and one range at a time.
            Assert.Equal(model, volume.ToDevices(new(0, volume.Length + 5)).SelectMany(BytesOf));
            var part = new ByteRange(random.Next(0, (int)volume.Length), random.Next(0, 200));
            Assert.Equal(
                model.Skip((int)part.Offset).Take((int)part.Length), volume.ToDevices(part).SelectMany(BytesOf));

            // Up: a byte of the volume is hit if and only if the byte of the disk below it is.
            ByteRangeSet bad = RandomSet(random, 4200);
            TranslatedRanges up = volume.FromDevice(disk, bad);
            Assert.Equal(
                Enumerable.Range(0, model.Length)
                    .Where(b => ReferenceEquals(model[b].Device, disk) && bad.Overlaps(model[b].Offset, 1)),
                up.Inside.SelectMany(r => Enumerable.Range((int)r.Offset, (int)r.Length)));
            var used = model.Where(m => ReferenceEquals(m.Device, disk)).Select(m => m.Offset).ToHashSet();
            Assert.Equal(
                bad.SelectMany(r => Enumerable.Range((int)r.Offset, (int)r.Length)).Where(b => !used.Contains(b)),
                up.Outside.SelectMany(r => Enumerable.Range((int)r.Offset, (int)r.Length)));
            Assert.True(up.LeftOut.IsEmpty);

            // And it reads what lies there.
            byte[] read = new byte[volume.Length];
            Assert.Equal(ReadFault.None, volume.Read(0, read));
            Assert.Equal(model.Select(m => ReferenceEquals(m.Device, disk) ? bytes[m.Offset] : (byte)0), read);
        }
    }

    [Fact]
    public void A_fault_below_is_told_at_its_place_in_the_volume()
    {
        using IBlockSource disk = new MemoryBlockSource("disk", new byte[4096]).Without(new ByteRange(1000, 10));
        var first = new MappedBlockSource("p1", [MappedSegment.Linear(0, 2000, disk, 500)]);
        var volume = new MappedBlockSource("lv", [new(0, 2000, 100, [new(first, 0), new(first, 1000)])]);
        // Byte 1000 of the disk is byte 500 of the partition: chunk 5 of the first stripe, the tenth of the volume.
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 1000, 0), volume.Read(0, new byte[2000]));
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 1005, 0), volume.Read(1005, new byte[1]));
        Assert.Equal(ReadFault.None, volume.Read(1010, new byte[900]));
        Assert.Equal(new ReadFault(ReadFaultKind.PastEnd, 2000, 0), volume.Read(1999, new byte[2]));
    }

    [Fact]
    public void Bytes_that_a_layer_distrusts_are_not_read()
    {
        var disk = new MemoryBlockSource("disk", new byte[4096]);
        var volume = new MappedBlockSource("md", [MappedSegment.Linear(0, 2000, disk, 500)])
        {
            Distrusted = ByteRangeSet.From([new(100, 5)]),
        };
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 100, 0), volume.Read(0, new byte[200]));
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 104, 0), volume.Read(104, new byte[200]));
        Assert.Equal(ReadFault.None, volume.Read(105, new byte[200]));
        Assert.Equal(ReadFault.None, volume.Read(0, new byte[100]));
    }

    // A third of a second of one processor, optimised. A square would be hours.
    [Fact]
    public void A_million_ranges_go_through_two_layers_without_squares()
    {
        const int Count = 1_000_000;
        var disk = new MissingBlockSource("disk", 1L << 40);
        var partition = new MappedBlockSource("p1", [MappedSegment.Linear(0, 1L << 39, disk, 1 << 20)]);
        const long Gib = 1L << 30;
        IEnumerable<MappedSegment> segments = Enumerable.Range(0, 100)
            .Select(i => MappedSegment.Linear(i * Gib, Gib, partition, (99 - i) * Gib));
        var volume = new MappedBlockSource("lv", segments);
        var ranges = ByteRangeSet.From(Enumerable.Range(0, Count).Select(i => new ByteRange(i * (1L << 17), 512)));
        TranslatedRanges found = volume.FromDevice(disk, ranges);
        Assert.Equal(ranges.TotalLength, found.Inside.TotalLength + found.Outside.TotalLength);
        Assert.Equal(100L << 13, found.Inside.Count);
    }

    [Fact]
    public void What_falls_into_too_many_pieces_is_left_out_and_said_to_be()
    {
        const long StripeSize = 4096;
        var disk = new MissingBlockSource("disk", 1L << 42);
        var other = new MissingBlockSource("other", 1L << 42);
        long length = 2L * StripeSize * MappedBlockSource.PiecesMax * 4;
        var volume = new MappedBlockSource("lv", [new(0, length, StripeSize, [new(disk, 8192), new(other, 0)])]);
        var all = ByteRangeSet.From([new(0, length)]);
        TranslatedRanges found = volume.FromDevice(disk, all);
        Assert.Equal(MappedBlockSource.PiecesMax, found.Inside.Count);
        Assert.Equal(StripeSize * MappedBlockSource.PiecesMax, found.Inside.TotalLength);
        Assert.Equal([new(8192 + found.Inside.TotalLength, (length / 2) - found.Inside.TotalLength)], found.LeftOut);
        Assert.Equal([new(0, 8192), ByteRange.FromTo(8192 + (length / 2), length)], found.Outside);
    }

    [Fact]
    public void Stripes_that_leave_a_row_unfilled_are_refused()
    {
        var disk = new MemoryBlockSource("disk", new byte[4096]);
        Assert.Throws<ArgumentException>(() => new MappedSegment(0, 300, 100, [new(disk, 0), new(disk, 1000)]));
        Assert.Throws<ArgumentException>(() => new MappedBlockSource("lv", [MappedSegment.Linear(100, 10, disk, 0)]));
    }

    private static MappedBlockSource RandomVolume(Random random, IBlockSource[] sources)
    {
        var segments = new List<MappedSegment>();
        long start = 0;
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int stripes = random.Next(1, 4);
            int stripeSize = random.Next(1, 20);
            long length = (long)stripes * stripeSize * random.Next(1, 8);
            segments.Add(new(start, length, stripeSize, Enumerable.Range(0, stripes).Select(_ =>
                new Stripe(sources[random.Next(sources.Length)], random.Next(0, 1800)))));
            start += length;
        }

        return new("lv", segments);
    }

    private static ByteRangeSet RandomSet(Random random, int length) => ByteRangeSet.From(
        Enumerable.Range(0, random.Next(1, 40)).Select(_ => new ByteRange(random.Next(0, length), random.Next(0, 60))));

    /// <summary>Device-mapper's rule in its plainest words: chunk by chunk, stripe after stripe.</summary>
    private static (IBlockSource Device, long Offset) Model(IBlockSource volume, long at)
    {
        while (volume is MappedBlockSource mapped)
        {
            MappedSegment segment = mapped.Segments.Single(s => s.Start <= at && at < s.End);
            long chunk = (at - segment.Start) / segment.StripeSize;
            Stripe stripe = segment.Stripes[(int)(chunk % segment.Stripes.Count)];
            long row = chunk / segment.Stripes.Count;
            at = stripe.Offset + (row * segment.StripeSize) + ((at - segment.Start) % segment.StripeSize);
            volume = stripe.Source;
        }

        return (volume, at);
    }

    private static IEnumerable<(IBlockSource Device, long Offset)> BytesOf(DeviceRange range) =>
        Enumerable.Range(0, (int)range.Range.Length).Select(i => (range.Device, range.Range.Offset + i));
}
