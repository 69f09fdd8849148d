// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Media;
using Holdfast.Testing;

namespace Holdfast.Linux.Tests.Media;

/// <summary>
/// Careful reading where the bytes end: nothing is called good that was not read, and it comes to an end.
/// </summary>
public sealed class SectorReaderTests : IDisposable
{
    private const int Sector = 4096; // of a file
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Scratch _scratch = new("sectors");

    public void Dispose() => _scratch.Dispose();

    /// <summary>
    /// What is read of the last sector is less than a sector: it must not be asked for again for ever.
    /// </summary>
    [Fact]
    public async Task A_file_that_is_cut_within_a_sector_while_it_is_read_ends_there()
    {
        string file = _scratch.SparseFile("disk.img", 16 * Sector);
        using SectorReader reader = SectorReader.Open(file);
        Assert.Equal(16 * Sector, reader.Length);
        Cut(file, Sector + 904);
        (int got, int errno) = await Task.Run(() =>
        {
            int read = reader.Read(0, 8 * Sector, out int why);
            return (read, why);
        }).WaitAsync(Patience);
        Assert.Equal((Sector, Native.ENXIO), (got, errno));
    }

    [Fact]
    public async Task A_scan_of_a_file_that_is_cut_stops_and_says_so()
    {
        string file = _scratch.SparseFile("disk.img", 8 << 20);
        using SectorReader reader = SectorReader.Open(file);
        var scan = new DeviceScan(reader, new() { BlockSize = 64 << 10 }, KernelRoots.Real);
        bool isCut = false;
        bool isWhole = await Task.Run(() => scan.Run(
            ByteRangeSet.From([new(0, reader.Length)]), ScanState.Nothing,
            (read, _) =>
            {
                if (isCut || read < 1 << 20) return;
                Cut(file, (2 << 20) + 100);
                isCut = true;
            },
            default)).WaitAsync(Patience);
        Assert.False(isWhole);
        Assert.Empty(scan.State.Bad);
        Assert.Equal(ByteRangeSet.From([new(0, 2 << 20)]), scan.State.Done);
    }

    [Fact]
    public void What_lies_past_the_end_is_not_called_good()
    {
        string file = _scratch.SparseFile("disk.img", 4 * Sector);
        using SectorReader reader = SectorReader.Open(file);
        SectorFindings found = new BadSectorSearch(reader).Run(
            ByteRangeSet.From([new(2 * Sector, 6 * Sector), new(100 * Sector, 1)]));
        Assert.Empty(found.Bad);
        Assert.Equal(
            ByteRangeSet.From([new(4 * Sector, 4 * Sector), new(100 * Sector, Sector)]), found.Unsure);
    }

    private static void Cut(string file, long length)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength(length);
    }
}
