// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Producers;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>
/// Goal: the kernel's lists of bad blocks are held against the ledger (C8), each for its bytes and with its word.
/// Method: recorded trees of sysfs, a real ledger.
/// </summary>
public sealed class BadBlockTests : IAsyncLifetime, IDisposable
{
    private const long Sector = 512;
    private const string Disk = "serial:DISK";
    private const string Member = "serial:MEMBER";

    private readonly FakeKernel _kernel = new();
    private HeardEvents _heard = null!;
    private LedgerPlace _place = null!;
    private int _marks;

    public async Task InitializeAsync()
    {
        _place = await LedgerPlace.StartAsync();
        _heard = new(_place.Notifier);
        _kernel.Device("sda", "8:0");
        _kernel.Attribute("sda", "size", "8192\n");
        _kernel.Attribute("sda", "serial", "DISK\n");
    }

    public async Task DisposeAsync() => await _place.DisposeAsync();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public async Task New_ranges_are_reported_vanished_ones_read_again_and_the_same_list_costs_nothing()
    {
        Table("8 8\n100 1\n");
        await using Running running = Start();
        await _place.UntilAsync(
            Disk, "media suspect unknown 4096+4096", "media suspect unknown 51200+512");
        Table("100 1\n");
        await _place.UntilAsync(
            Disk, "media readable unknown 4096+4096", "media suspect unknown 51200+512");
        // A state that was there before is no duplicate of what was reported then.
        Table("8 8\n100 1\n");
        await _place.UntilAsync(
            Disk, "media suspect unknown 4096+4096", "media suspect unknown 51200+512");
        int before = Reported(Disk);
        await using Running again = Start();
        Table("100 1\n8 8\n");
        await LookedAsync();
        Assert.Equal(before, Reported(Disk));
    }

    [Fact]
    public async Task An_empty_table_takes_back_and_no_table_takes_nothing_back()
    {
        await _place.ReportAsync(Identity(Disk), "somebody", MediumState.Confirmed, new ByteRange(4096, 512));
        Table("\n");
        await using (Running none = Start())
        {
            await LookedAsync();
            Assert.Equal(["media confirmed unknown 4096+512"], await _place.FactsAsync(Disk));
        }

        Table("");
        await using Running running = Start();
        await _place.UntilAsync(Disk, "media readable unknown 4096+512");
    }

    [Fact]
    public async Task A_list_that_was_cut_adds_and_takes_nothing_back()
    {
        Table("8 8\n");
        await using Running running = Start();
        await _place.UntilAsync(Disk, "media suspect unknown 4096+4096");
        Table(Page("100 1\n"));
        await _place.UntilAsync(Disk, "media suspect unknown 4096+4096", "media suspect unknown 51200+512");
        await LookedAsync();
        Assert.Contains("one page", Assert.Single(_heard.Troubles).Value, StringComparison.Ordinal);
        Table("100 1\n");
        await _place.UntilAsync(Disk, "media readable unknown 4096+4096", "media suspect unknown 51200+512");
        Assert.Empty(_heard.Troubles);
    }

    [Theory]
    [InlineData("8 8\nrubbish\n")]
    [InlineData("8 8\n5 0\n")]
    [InlineData("8 8\n18446744073709551615 1\n")]
    public async Task What_is_no_list_takes_nothing_back(string text)
    {
        await _place.ReportAsync(Identity(Disk), "somebody", MediumState.Suspect, new ByteRange(0, 512));
        Table(text);
        await using Running running = Start();
        await LookedAsync();
        await _place.UntilAsync(Disk, "media suspect unknown 0+512", "media suspect unknown 4096+4096");
    }

    [Fact]
    public async Task A_disk_s_list_is_its_partitions_and_what_is_reported_of_the_disk_inside_them_stays()
    {
        _kernel.Device("sda1", "8:1", partitionOf: "sda");
        _kernel.Attribute("sda/sda1", "start", "2048\n");
        _kernel.Attribute("sda/sda1", "size", "2048\n");
        await _place.ReportAsync(Identity(Disk), "somebody", MediumState.Suspect, new ByteRange(2048 * Sector, 512));
        Table("2047 2\n4095 2\n");
        await using Running running = Start();
        await _place.UntilAsync(
            $"{Disk}-part1", "media suspect unknown 0+512", $"media suspect unknown {2047 * Sector}+512");
        await _place.UntilAsync(
            Disk, $"media suspect unknown {2047 * Sector}+{2 * Sector}", $"media suspect unknown {4096 * Sector}+512");
        Table("");
        await _place.UntilAsync(
            $"{Disk}-part1", "media readable unknown 0+512", $"media readable unknown {2047 * Sector}+512");
        await _place.UntilAsync(
            Disk, $"media readable unknown {2047 * Sector}+512", $"media suspect unknown {2048 * Sector}+512",
            $"media readable unknown {4096 * Sector}+512");
    }

    /// <summary>md's word is of what md found: what others found on the member stays.</summary>
    [Fact]
    public async Task An_array_s_lists_are_its_members_bytes_and_take_back_only_what_they_named()
    {
        _kernel.Device("md0", "9:0", md: true);
        _kernel.Device("sdb", "8:16");
        _kernel.Attribute("sdb", "size", "8192\n");
        _kernel.Attribute("sdb", "serial", "MEMBER\n");
        await _place.ReportAsync(Identity(Member), "kernel:block", MediumState.Confirmed, new ByteRange(0, 512));
        // From the member's start: the data offset is in it.
        MemberList("bad_blocks", "2064 8\n");
        MemberList("unacknowledged_bad_blocks", "3000 1\n");
        await using Running running = Start();
        await _place.UntilAsync(
            Member, "media confirmed unknown 0+512", $"media suspect unknown {2064 * Sector}+4096",
            $"media suspect unknown {3000 * Sector}+512");
        MemberList("unacknowledged_bad_blocks", "");
        await _place.UntilAsync(
            Member, "media confirmed unknown 0+512", $"media suspect unknown {2064 * Sector}+4096",
            $"media readable unknown {3000 * Sector}+512");
        MemberList("bad_blocks", "");
        await _place.UntilAsync(
            Member, "media confirmed unknown 0+512", $"media readable unknown {2064 * Sector}+4096",
            $"media readable unknown {3000 * Sector}+512");
        // A rebuilt member reads well where md has no content for it.
        Assert.DoesNotContain(_heard.Suspects, at => at.Device.Identity == Member);
    }

    /// <summary>A region's list counts from the region, whose namespaces begin anywhere in it.</summary>
    [Fact]
    public async Task A_region_s_list_is_carried_to_the_disks_on_it()
    {
        const long mebi = 1 << 20;
        MemoryFailureTests.Region(_kernel);
        foreach (string disk in (string[])["pmem0", "pmem0.1"])
        {
            _kernel.Attribute(disk, "serial", $"{disk}\n");
            _kernel.Attribute(disk, "badblocks", "");
        }

        string regional = $"0 8\n{65 * mebi / Sector} 8\n{66 * mebi / Sector} 8\n";
        _kernel.Sys("bus/nd/devices/region0/badblocks", regional);
        _kernel.Attribute("pmem0.1", "badblocks", "16 8\n");
        await using Running running = Start();
        await _place.UntilAsync("serial:pmem0", "media suspect unknown 0+4096");
        await _place.UntilAsync(
            "serial:pmem0.1", "media suspect unknown 0+4096", "media suspect unknown 8192+4096");
        _kernel.Sys("bus/nd/devices/region0/badblocks", "0 8\n");
        _kernel.Attribute("pmem0.1", "badblocks", "");
        await _place.UntilAsync(
            "serial:pmem0.1", "media readable unknown 0+4096", "media readable unknown 8192+4096");
        await _place.UntilAsync("serial:pmem0", "media suspect unknown 0+4096");
        // They are read with care.
        Assert.Contains(_heard.Suspects, at => at.Device.Identity == "serial:pmem0");
    }

    private void Table(string text) => _kernel.Attribute("sda", "badblocks", text);

    private void MemberList(string name, string text) => _kernel.Attribute("md0", $"md/dev-sdb/{name}", text);

    private static DeviceIdentity Identity(string identity) => new(identity, true, "/dev/x", 8192 * Sector);

    /// <summary>A page full of one sector, which ends with a whole line.</summary>
    private static string Page(string line)
    {
        int room = Environment.SystemPageSize - 1;
        string full = string.Concat(Enumerable.Repeat(line, (room / line.Length) - 1));
        string[] words = line.Split(' ');
        return full + $"{words[0]} {words[1].PadLeft(room - full.Length - words[0].Length - 1, '0')}";
    }

    private Running Start()
    {
        var producer = new BadBlockProducer(
            _kernel.Roots, TimeSpan.FromMilliseconds(10), _heard,
            (device, source, stop) => _place.Notifier.KnownFailuresAsync(device.Identity, source, stop),
            _heard.Degraded);
        return new(stop => producer.RunAsync(_heard, stop));
    }

    /// <summary>Waits for a look that began after this: the marker's list is new, and the last to be read.</summary>
    private async Task LookedAsync()
    {
        _marks++;
        _kernel.Device("zzz", "8:240");
        _kernel.Attribute("zzz", "size", "8192\n");
        _kernel.Attribute("zzz", "serial", "MARK\n");
        _kernel.Attribute("zzz", "badblocks", $"0 {_marks}\n");
        await _place.UntilAsync("serial:MARK", $"media suspect unknown 0+{_marks * Sector}");
        _marks++;
        _kernel.Attribute("zzz", "badblocks", $"0 {_marks}\n");
        await _place.UntilAsync("serial:MARK", $"media suspect unknown 0+{_marks * Sector}");
    }

    private int Reported(string identity) => _heard.Reports.Count(at => at.Device.Identity == identity);

    /// <summary>A producer at work.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _work;

        internal Running(Func<CancellationToken, Task> run) => _work = Task.Run(() => run(_stop.Token));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _work);
            _stop.Dispose();
        }
    }
}
