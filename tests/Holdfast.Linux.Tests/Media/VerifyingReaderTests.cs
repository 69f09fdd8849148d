// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Tests.Media;

/// <summary>
/// Goal: with the kernel as the reader a scan finds the same sectors, though it blames whole requests and hides what
/// comes behind good bytes. Method: a verifier that follows the documents; no kernel here has it.
/// </summary>
public sealed class VerifyingReaderTests
{
    private const long Device = 64 << 20;

    public static TheoryData<int, int> Seeds
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (int sector in (int[])[512, 4096]) for (int seed = 1; seed <= 20; seed++) data.Add(sector, seed);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_finds_the_bad_sectors_and_no_others(int sector, int seed)
    {
        var random = new Random(seed);
        ByteRangeSet bad = ByteRangeSet.From(Enumerable.Range(0, 12).Select(_ => new ByteRange(
            random.NextInt64(Device / sector) * sector, sector * random.Next(1, 4)))).Intersect(Whole);
        (ScanState state, SimulatedVerifier verifier, bool isWhole) = Scan(bad, sector, tells: false);
        Assert.True(isWhole);
        Assert.Equal(bad, state.Bad);
        Assert.Empty(state.Unsure);
        Assert.Equal(Whole, state.Done);
        Assert.Empty(verifier.Told);
        // Not sector by sector where nothing is bad.
        Assert.InRange(verifier.Requests, 64, 64 + (bad.Count * 300));
    }

    /// <summary>A request's range is what its watchers hear: only single sectors are told.</summary>
    [Fact]
    public void The_filesystem_tells_of_bad_sectors_and_of_no_good_one()
    {
        ByteRangeSet bad = ByteRangeSet.From([new(512 * 777, 512), new(1 << 20, 1024), new(Device - 512, 512)]);
        (_, SimulatedVerifier verifier, _) = Scan(bad, 512, tells: true);
        Assert.All(verifier.Told, told => Assert.Equal(512, told.Length));
        Assert.Equal(bad, ByteRangeSet.From(verifier.Told));
    }

    [Fact]
    public void An_error_that_says_nothing_of_the_medium_makes_nothing_bad()
    {
        const int timeout = 110;
        ByteRangeSet slow = ByteRangeSet.From([new(3 << 20, 4096)]);
        (ScanState state, _, bool isWhole) = Scan(slow, 4096, tells: false, timeout);
        Assert.True(isWhole);
        Assert.Empty(state.Bad);
        Assert.True(state.Unsure.Contains(slow[0]));
        Assert.Empty(state.Done.Intersect(state.Unsure));
    }

    /// <summary>The end is cut to the device: what lies behind was not verified.</summary>
    [Fact]
    public void A_device_that_is_shorter_than_it_says_is_gone_there()
    {
        var verifier = new SimulatedVerifier((1 << 20) + 4096, 4096, ByteRangeSet.Empty);
        using var reader = new VerifyingReader(verifier, "/dev/none", 2 << 20, 4096);
        Assert.Equal(1 << 20, reader.Read(0, 1 << 20, out int errno));
        Assert.Equal(0, errno);
        Assert.Equal(4096, reader.Read(1 << 20, 1 << 20, out errno));
        Assert.Equal(Native.ENXIO, errno);
    }

    /// <summary>Hostile, or a kernel that is another than the documents say.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-4096)]
    [InlineData(1 << 30)]
    public async Task What_answers_nonsense_ends_in_an_answer(long moved)
    {
        using var reader = new VerifyingReader(new Nonsense(moved), "/dev/none", 1 << 20, 4096);
        (int got, int errno) = await Task.Run(() =>
        {
            int read = reader.Read(0, 1 << 20, out int why);
            return (read, why);
        }).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, got);
        Assert.Equal(MediaMeaning.Nothing, MediaErrors.Of(MediaOperation.Read, errno));
    }

    private static ByteRangeSet Whole => ByteRangeSet.From([new(0, Device)]);

    private static (ScanState State, SimulatedVerifier Verifier, bool IsWhole) Scan(
        ByteRangeSet bad, int sector, bool tells, int errno = 5)
    {
        var verifier = new SimulatedVerifier(Device, sector, bad, errno);
        using var reader = new VerifyingReader(verifier, "/dev/none", Device, sector, tells);
        var scan = new DeviceScan(reader, new(), KernelRoots.Real);
        bool isWhole = scan.Run(Whole, ScanState.Nothing, null, default);
        return (scan.State, verifier, isWhole);
    }

    private sealed class Nonsense(long moved) : IMediaVerifier
    {
        public VerifiedMedia Verify(long start, long end, int requestMax, bool tells) => new(start + moved, end, 0);

        public void Dispose()
        {
        }
    }
}
