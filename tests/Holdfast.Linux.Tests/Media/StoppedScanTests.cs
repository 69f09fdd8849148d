// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Tests.Media;

/// <summary>
/// Goal: a scan that is told to stop in the middle of a search among bad sectors keeps every one it has found, and no
/// sector is tried again for it: each may have cost a minute. Method: a device whose every try is counted.
/// </summary>
public sealed class StoppedScanTests
{
    private const int Sector = 512;
    private const int Length = 4 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(700)]
    [InlineData(3000)]
    public void Stopped_after_any_number_of_bad_sectors_it_goes_on_behind_them(int tries)
    {
        ByteRangeSet bad = ByteRangeSet.From([new(1 << 20, 1 << 20), new((3 << 20) + Sector, Sector)]);
        ByteRangeSet whole = ByteRangeSet.From([new(0, Length)]);
        using var device = new CountingReader(bad);
        using var stop = new CancellationTokenSource();
        device.Tried = count =>
        {
            if (count == tries) stop.Cancel();
        };
        var first = new DeviceScan(device, new(), KernelRoots.Real);
        bool isWhole = first.Run(whole, ScanState.Nothing, null, stop.Token);
        Assert.Equal(!stop.IsCancellationRequested, isWhole);
        ScanState state = first.State;
        Assert.True(state.Done.Contains(new(0, 1 << 20)));
        Assert.Empty(state.Bad.Except(state.Done));
        // What it has tried of single sectors it has kept.
        int alone = device.FailedAlone.Count;
        Assert.Equal(alone * (long)Sector, state.Bad.TotalLength);

        var second = new DeviceScan(device, new(), KernelRoots.Real);
        Assert.True(second.Run(whole, new(state.Done, state.Bad, ByteRangeSet.Empty), null, default));
        Assert.Equal(bad, second.State.Bad);
        Assert.Equal(whole, second.State.Done);
        Assert.Equal(device.FailedAlone.Count, device.FailedAlone.Distinct().Count());
    }

    private sealed class CountingReader(ByteRangeSet bad) : IMediaReader
    {
        private int _count;

        internal Action<int> Tried { get; set; } = _ => { };

        internal List<long> FailedAlone { get; } = [];

        public string Name => "/dev/none";

        public long Length => StoppedScanTests.Length;

        public int SectorSize => Sector;

        public int Read(long offset, int length, out int errno)
        {
            Tried(++_count);
            ByteRange? first = bad.Within(new(offset, length)).Select(at => (ByteRange?)at).FirstOrDefault();
            errno = first is null ? 0 : 5;
            if (first is not { } hit) return length;
            if (length == Sector) FailedAlone.Add(offset);
            // A request fails as a whole, as those of disks do.
            return 0;
        }

        public void Dispose()
        {
        }
    }
}
