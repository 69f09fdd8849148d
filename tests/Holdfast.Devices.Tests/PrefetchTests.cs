// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class PrefetchTests
{
    [Fact]
    public void A_hint_goes_where_the_volume_lies()
    {
        var disk = new Recorder(8192);
        var other = new Recorder(8192);
        var volume = new MappedBlockSource(
            "lv",
            [MappedSegment.Linear(0, 1000, disk, 500), new(1000, 2048, 512, [new(disk, 4096), new(other, 0)])]);
        Assert.True(volume.Prefetch(900, 400));
        Assert.Equal([new(1400, 100), new(4096, 300)], disk.Hints);
        Assert.True(volume.Prefetch(1500, 100));
        Assert.Equal([new(0, 88)], other.Hints);
        Assert.False(volume.Prefetch(3000, 1000)); // past the end
    }

    [Fact]
    public void Nobody_is_told_to_read_what_is_known_to_be_bad()
    {
        var disk = new Recorder(8192);
        using var distrusting = new DistrustingBlockSource(disk, ByteRangeSet.From([new ByteRange(1024, 512)]));
        var member = new MappedBlockSource("md0", [MappedSegment.Linear(0, 4096, disk, 0)])
        {
            Distrusted = ByteRangeSet.From([new ByteRange(2048, 512)]),
        };
        Assert.False(distrusting.Prefetch(1000, 100));
        Assert.False(member.Prefetch(2000, 100));
        Assert.Empty(disk.Hints);
        Assert.True(distrusting.Prefetch(1536, 100));
        Assert.Equal([new(1536, 100)], disk.Hints);
    }

    private sealed class Recorder(long length) : IBlockSource
    {
        public List<ByteRange> Hints { get; } = [];

        public string Name => "recorder";

        public long Length => length;

        public int SectorSize => 512;

        public ReadFault Read(long offset, Span<byte> buffer) => ReadFault.None;

        public bool Prefetch(long offset, long length)
        {
            Hints.Add(new(offset, length));
            return true;
        }

        public void Dispose()
        {
        }
    }
}
