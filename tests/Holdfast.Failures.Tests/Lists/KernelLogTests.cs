// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Lists;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

public sealed class KernelLogTests
{
    private const string Failure =
        "I/O error, dev sdb, sector 2056 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2";

    private static readonly KernelLogOptions Small = new() { PhysicalSectorSize = 512 };

    // A loop device whose backing file was cut to 100 MiB while XFS was mounted, on Linux 6.18. XFS names the same
    // places as the block layer, with their lengths.
    [Fact]
    public void The_log_of_a_disk_with_a_missing_end_blames_the_end()
    {
        using FileStream stream = Sample.Open("dmesg-loop-6.18.txt");
        KernelLog log = KernelLog.Read(stream, Small);
        Assert.Empty(log.Faults);
        Assert.Equal(default, log.Tally);
        KernelLogDevice loop = Assert.Single(log.Devices);
        Assert.Equal("loop0", loop.Name);
        Assert.Equal(13, loop.Lines);
        Assert.All(loop.Ranges, r => Assert.Equal(Confidence.Low, r.Confidence));
        Assert.Equal(
            [
                new(204800 * 512, 4096), new(458880L * 512, 32 * 512), new(491648L * 512, 32 * 512),
                new(81904L * 4096, 4096), new(655359L * 512, 512),
            ],
            BadRanges.From(loop.Ranges).All);
    }

    [Fact]
    public void Each_device_of_a_log_has_its_own_ranges()
    {
        using FileStream stream = Sample.Open("journal-disks.txt");
        KernelLog log = KernelLog.Read(stream, new());
        Assert.Empty(log.Faults);
        Assert.Equal(["sdb", "sdb1", "sdad", "sdad1"], log.Devices.Select(d => d.Name));
        // Sector 1953698 is the third of its physical sector.
        Assert.Equal(new(1953696L * 512, 4096), Assert.Single(log.Find("sdb")!.Ranges).Range);
        Assert.Equal(new(243956L * 4096, 4096), Assert.Single(log.Find("sdb1")!.Ranges).Range);
        Assert.Equal(new(2615107192L * 512, 4096), Assert.Single(log.Find("sdad")!.Ranges).Range);
        Assert.Equal(new(0x9bdf5678L * 512, 4096), Assert.Single(log.Find("sdad1")!.Ranges).Range);
        Assert.Null(log.Find("vda4"));
        // Two writes, a discard, a lost page, a buffer of XFS; one error of the target; one checksum.
        Assert.Equal(new(FailedWrites: 4, OtherErrors: 1, DamagedMetadata: 1, Suppressed: 27), log.Tally);
    }

    [Fact]
    public void The_forms_of_older_kernels_are_read()
    {
        using FileStream stream = Sample.Open("dmesg-old-kernels.txt");
        KernelLog log = KernelLog.Read(stream, Small);
        Assert.Empty(log.Faults);
        Assert.Equal(["hda", "sda1", "sda", "dm-7", "sdc1"], log.Devices.Select(d => d.Name));
        Assert.Equal(new(16 * 512, 512), Assert.Single(log.Find("hda")!.Ranges).Range);
        Assert.Equal(
            [new(2064 * 512, 512), new(24 * 512, 512), new(32 * 512, 512)],
            log.Find("sda")!.Ranges.Select(r => r.Range));
        Assert.Equal(new(0x280000010 * 512, 4096), Assert.Single(log.Find("dm-7")!.Ranges).Range);
        Assert.Equal(new(0x48 * 512, 8192), Assert.Single(log.Find("sdc1")!.Ranges).Range);
        Assert.Equal(new(FailedWrites: 2, OtherErrors: 0, DamagedMetadata: 1, Suppressed: 0), log.Tally);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("[    1.234567] {0}")]
    [InlineData("<3>[    1.234567] {0}")]
    [InlineData("[Sun Nov 22 13:43:40 2026] {0}")]
    [InlineData("kern  :err   : [ 1550.442155] {0}")]
    [InlineData("2026-11-22T13:43:40,717175+00:00 {0}")]
    [InlineData("3,382,1550442155,-;{0}")]
    [InlineData("Nov 22 13:43:40 host kernel: {0}")]
    [InlineData("Nov 22 13:43:40 host kernel: [ 1550.442155] {0}")]
    [InlineData("host error: kernel: blk_update_request: {0}")]
    [InlineData("{{\"PRIORITY\":\"3\",\"MESSAGE\":\"{0}\",\"_TRANSPORT\":\"kernel\"}}")]
    [InlineData("\u001b[32m[ 1550.442155] \u001b[0m\u001b[31m{0}\u001b[0m\r")]
    public void A_line_is_known_whatever_stands_around_it(string form)
    {
        string text = string.Format(null, form, Failure);
        KernelLog log = KernelLog.Read(Sample.Of(text), Small);
        Assert.Equal(new(2056 * 512, 512), Assert.Single(Assert.Single(log.Devices).Ranges).Range);
        Assert.Equal("sdb", log.Devices[0].Name);
    }

    [Theory]
    [InlineData("I/O error, dev sdb, sector 8", true)]
    [InlineData("critical medium error, dev sdb, sector 8", true)]
    [InlineData("protection error, dev sdb, sector 8", true)]
    [InlineData("timeout error, dev sdb, sector 8", false)]
    [InlineData("recoverable transport error, dev sdb, sector 8", false)]
    [InlineData("critical space allocation error, dev sdb, sector 8", false)]
    [InlineData("device offline error, dev sdb, sector 8", false)]
    [InlineData("I/O error, dev sdb, sector 18446744073709551615", false)]
    [InlineData("I/O error, dev sdb, sector 0 op 0x22:(DRV_IN) flags 0x0", false)]
    public void Only_what_the_medium_can_have_lost_blames_a_range(string line, bool medium)
    {
        KernelLog log = KernelLog.Read(Sample.Of(line), Small);
        Assert.Equal(medium ? 1 : 0, log.Devices.Count);
        Assert.Equal(medium ? 0 : 1, log.Tally.OtherErrors);
        Assert.Empty(log.Faults);
    }

    [Theory]
    [InlineData("I/O error, dev sdb")]
    [InlineData("I/O error, dev sdb, sec")]
    [InlineData("I/O error, dev , sector 8")]
    [InlineData("I/O error, dev sdb, sector -8")]
    [InlineData("I/O error, dev sdb, sector x")]
    [InlineData("I/O error, dev sdb, sector 99999999999999999999999")]
    [InlineData("I/O error, dev sdb, sector 9223372036854775807")]
    [InlineData("Buffer I/O error on dev sdb1, logical block")]
    [InlineData("Buffer I/O error on dev sdb1, logical block 9223372036854775807")]
    [InlineData("XFS (sdb1): metadata I/O error in \"xfs_da_read_buf\" at daddr 0x48 len 8")]
    [InlineData("XFS (sdb1): metadata I/O error in \"xfs_da_read_buf\" at daddr 48 len 8 error 5")]
    [InlineData("XFS (sdb1: metadata I/O error in \"xfs_da_read_buf\" at daddr 0x48 len 8 error 5")]
    [InlineData("XFS (sdb1): metadata I/O error: block 0xffffffffffffffff (\"xfs_read_agf\") error 5 numblks 8")]
    public void A_failed_read_that_cannot_be_placed_is_a_fault(string line)
    {
        KernelLog log = KernelLog.Read(Sample.Of($"fine\n{line}\n{Failure}\n"), Small);
        ListFault fault = Assert.Single(log.Faults);
        Assert.Equal(2, fault.Line);
        Assert.NotEmpty(fault.Problem);
        Assert.NotEmpty(fault.Found);
        Assert.Single(log.Devices);
    }

    [Fact]
    public void Lines_about_anything_else_are_no_faults()
    {
        const string Text =
            """
            EXT4-fs (sda2): error count since last fsck: 3
            cloud-init: fatal error, dev mode, nothing to do
            Medium error on device front panel
            XFS (sdb1): Metadata corruption detected at xfs_agf_read_verify+0x1a, xfs_agf block 0x1
            XFS (sdb1): log I/O error -5
            ata3.00: error: { UNC }
            net_ratelimit: 12 callbacks suppressed
            """;
        KernelLog log = KernelLog.Read(Sample.Of(Text + "\0\xff\n" + new string(' ', 200_000)), new());
        Assert.Empty(log.Faults);
        Assert.Empty(log.Devices);
        Assert.Equal(default, log.Tally);
    }

    [Fact]
    public void A_line_that_was_cut_does_not_lend_half_a_number()
    {
        string text = new string(' ', 65536 - "I/O error, dev sdb, sector 20".Length) + Failure + "\n";
        KernelLog log = KernelLog.Read(Sample.Of(text), Small);
        Assert.Empty(log.Devices);
        Assert.Single(log.Faults);
    }

    // Goal: whatever a log holds, reading it ends with a value.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_mutated_log_is_read_to_its_end(int seed)
    {
        var random = new Random(seed);
        byte[] sound = File.ReadAllBytes(Sample.PathOf("journal-disks.txt"));
        int faulty = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. sound];
            for (int i = random.Next(1, 40); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            KernelLog log = KernelLog.Read(new MemoryStream(bytes), new());
            if (log.Faults.Count > 0) faulty++;
            Assert.All(log.Devices.SelectMany(d => d.Ranges), r => Assert.False(r.Range.IsEmpty));
        }

        Assert.InRange(faulty, 50, 1950);
    }

    [Fact]
    public void Many_lines_cost_the_memory_of_their_ranges_and_many_devices_are_refused()
    {
        const int Count = 100_000;
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++)
        {
            text.Append($"[{i}.000000] critical medium error, dev sda, sector {i * 16L} op 0x0:(READ) flags 0x0\n");
        }

        using Stream stream = Sample.Of(text.ToString());
        long before = GC.GetAllocatedBytesForCurrentThread();
        KernelLog log = KernelLog.Read(stream, Small);
        Assert.Equal(Count, Assert.Single(log.Devices).Ranges.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2 * 24 * (1 << 18));

        string forged = string.Concat(
            Enumerable.Range(0, 10_000).Select(i => $"I/O error, dev sd{i}, sector 1\n"));
        log = KernelLog.Read(Sample.Of(forged), Small);
        Assert.Equal(4096, log.Devices.Count);
        Assert.Equal(10_000 - 4096, log.Faults.TotalCount);
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(4096, 1000)]
    [InlineData(-512, 4096)]
    public void Sizes_that_are_none_are_misuse(long sector, long block)
    {
        var options = new KernelLogOptions { PhysicalSectorSize = sector, BufferBlockSize = block };
        Assert.Throws<ArgumentOutOfRangeException>(() => KernelLog.Read(Sample.Of(""), options));
    }
}
