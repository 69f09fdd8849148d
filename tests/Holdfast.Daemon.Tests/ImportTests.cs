// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Daemon.Importing;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests;

/// <summary>Lists that are dropped into the folder: each with its word, and nothing else that lies there.</summary>
public sealed class ImportTests : IAsyncLifetime, IDisposable
{
    private const string Whole = """
        # Mapfile. Created by GNU ddrescue version 1.27
        # current_pos  current_status  current_pass
        0x00400000     +               1
        #      pos        size  status
        0x00000000  0x00001000  +
        0x00001000  0x00000200  -
        0x00001200  0x003FEE00  +
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ImportPlace _place = new();
    private readonly Taking _taken = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public Task InitializeAsync()
    {
        _running = Task.Run(() => _place.Producer().RunAsync(_taken, _stop.Token));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
    }

    public void Dispose()
    {
        _place.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_mapfile_that_is_finished_is_complete()
    {
        await DoneAsync("sdx.mapfile", Whole);
        Report report = Assert.Single(_taken.Reports);
        Assert.Equal([new(4096, 512)], report.Ranges);
        Assert.True(report.IsComplete);
        Assert.Equal(new ByteRange(0, 4 << 20), report.Scope);
        Assert.Equal((MediumState.Suspect, ReportBasis.List), (report.Medium, report.Basis));
        Assert.Equal((ImportPlace.Disk, "import:mapfile"), (report.Device.Identity, report.Source));
    }

    [Theory]
    [InlineData("0x00001200  0x003FEE00  ?")]
    [InlineData("0x00001200  0x003FEE00  *")]
    [InlineData("0x00001200  0x003FEE00  /")]
    [InlineData("0x00001400  0x003FEC00  +")]
    public async Task A_mapfile_that_has_not_come_to_its_end_is_not(string last)
    {
        await DoneAsync("sdx.mapfile", Whole[..Whole.LastIndexOf('\n')] + "\n" + last + "\n");
        Report report = Assert.Single(_taken.Reports);
        Assert.Equal([new(4096, 512)], report.Ranges);
        Assert.False(report.IsComplete);
    }

    [Fact]
    public async Task A_disk_s_list_is_its_partitions_each_for_its_own_bytes()
    {
        _place.Attribute("sdx1/dev", "8:1\n");
        _place.Attribute("sdx1/partition", "1\n");
        _place.Attribute("sdx1/start", "8\n");
        _place.Attribute("sdx1/size", "8\n");
        await DoneAsync("sdx.mapfile", Whole);
        Report[] reports = [.. _taken.Reports];
        Assert.Equal(3, reports.Length);
        Report partition = Assert.Single(reports, at => at.Device.Name.EndsWith("sdx1", StringComparison.Ordinal));
        Assert.Equal([new(0, 512)], partition.Ranges);
        Assert.Equal(new ByteRange(0, 4096), partition.Scope);
        Assert.All(reports.Where(at => at != partition), at => Assert.True(at.IsComplete && at.Ranges.IsEmpty));
        Assert.Equal([new(0, 4096), new(8192, (4 << 20) - 8192)], ByteRangeSet.From(
            reports.Where(at => at != partition).Select(at => at.Scope!.Value)));
    }

    [Fact]
    public async Task Smartctl_s_findings_are_its_own_disk_s_only()
    {
        await DoneAsync("sdx.smartctl.json", Smart("""{"naa": 5, "oui": 3152, "id": 2712847316}"""));
        Report report = Assert.Single(_taken.Reports);
        Assert.Equal([new(65536, 4096)], report.Ranges);
        Assert.False(report.IsComplete);
        string why = await RefusedAsync(
            "sdx.smartctl.json", Smart("""{"naa": 5, "oui": 3152, "id": 2712847317}"""));
        Assert.Contains("another device's: its World Wide Name is naa.5000c500a1b2c3d5", why, StringComparison.Ordinal);
        _place.Attribute("serial", "Z2\n");
        why = await RefusedAsync(
            "sdx.smartctl.json", Smart("""{"naa": 5, "oui": 3152, "id": 2712847316}"""));
        Assert.Contains("its serial number is Z1, here it is Z2", why, StringComparison.Ordinal);
        Assert.Single(_taken.Reports);
    }

    [Fact]
    public async Task Kernel_messages_are_taken_of_the_device_that_the_name_names()
    {
        await DoneAsync("sdx.kmsg", """
            [1.0] I/O error, dev sdy, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2
            [2.0] I/O error, dev sdx, sector 16 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2
            """);
        Report report = Assert.Single(_taken.Reports);
        Assert.Equal([new(8192, 4096)], report.Ranges);
        Assert.Equal(ReportBasis.Error, report.Basis);
        string why = await RefusedAsync("sdx.kmsg", "[1.0] I/O error, dev sdy, sector 8\n");
        Assert.Contains("no line of it", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sdx", "8\n", "its name is none")]
    [InlineData("sdx.badblocks512x", "8\n", "its name is none")]
    [InlineData("sdx.badblocks100", "8\n", "not a multiple of 512")]
    [InlineData("a!..!sdx.badblocks", "8\n", "leads out")]
    [InlineData("sdq.badblocks", "8\n", "no block device")]
    [InlineData("sdx.badblocks", "rubbish\n", "line 1")]
    [InlineData("sdx.badblocks", "8192\n", "it names byte 4194815; ")]
    [InlineData("sdx.mapfile", "rubbish\n", "line 1")]
    [InlineData("sdx.smartctl.json", "{", "not one JSON text")]
    [InlineData("sdx.smartctl.json", "{}", "no log of self-tests")]
    public async Task What_cannot_be_right_is_refused_with_its_reason(string name, string text, string reason)
    {
        Assert.Contains(reason, await RefusedAsync(name, text), StringComparison.Ordinal);
        Assert.Empty(_taken.Reports);
    }

    [RootFact(Needs.Root, "mkfifo", "chown")]
    public async Task Links_pipes_folders_and_files_of_others_or_any_size_are_harmless()
    {
        await DoneAsync("sdx.badblocks", "1\n");
        string secret = _place.PathOf("../secret");
        await File.WriteAllTextAsync(secret, "8\n");
        File.CreateSymbolicLink(_place.PathOf("a.badblocks"), secret);
        Assert.Contains("link", await ReasonAsync("a.badblocks"), StringComparison.Ordinal);
        ProgramRun.Require("mkfifo", _place.PathOf("b.badblocks"));
        Assert.Contains("no file", await ReasonAsync("b.badblocks"), StringComparison.Ordinal);
        Directory.CreateDirectory(_place.PathOf("c.badblocks"));
        using (FileStream huge = File.Create(_place.PathOf("d.badblocks"))) huge.SetLength(1L << 40);
        Assert.Contains("longer than", await ReasonAsync("d.badblocks"), StringComparison.Ordinal);
        ProgramRun.Require("ln", secret, _place.PathOf("e.badblocks"));
        Assert.True(Directory.Exists(_place.PathOf("c.badblocks")));
        Assert.Contains("other names", await ReasonAsync("e.badblocks"), StringComparison.Ordinal);
        Assert.True(File.Exists(secret));
        // In a folder that nobody else may write to, whose a file is does not matter: root put it there.
        string outside = _place.PathOf("../others");
        await File.WriteAllTextAsync(outside, "2\n");
        ProgramRun.Require("chown", "65534", outside);
        File.Move(outside, _place.PathOf("sdx.badblocks512"));
        await UntilAsync(() => File.Exists(_place.PathOf("done/sdx.badblocks512")));
        File.SetUnixFileMode(_place.Folder, (UnixFileMode)0x3FF);
        await File.WriteAllTextAsync(outside, "3\n");
        ProgramRun.Require("chown", "65534", outside);
        File.Move(outside, _place.PathOf("sdx.badblocks1024"));
        Assert.Contains("user 65534's", await ReasonAsync("sdx.badblocks1024"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_left_alone_while_somebody_writes_to_it()
    {
        using (var writer = new StreamWriter(_place.PathOf("sdx.badblocks")))
        {
            await writer.WriteAsync("8\n1");
            await writer.FlushAsync();
            // Whoever drops another one wakes the look: this one is not ready.
            await DoneAsync("sdx.badblocks4096", "64\n");
            Assert.Single(_taken.Reports);
            await writer.WriteAsync("6\n");
        }

        await UntilAsync(() => File.Exists(_place.PathOf("done/sdx.badblocks")));
        Assert.Equal([new(4096, 512), new(8192, 512)], _taken.Reports.Last().Ranges);
    }

    [Fact]
    public async Task A_folder_that_others_may_write_to_is_not_used()
    {
        using var place = new ImportPlace();
        File.SetUnixFileMode(place.Folder, (UnixFileMode)0x1FF);
        place.Drop("sdx.badblocks", "8\n");
        IOException fault = await Assert.ThrowsAsync<IOException>(
            () => place.Producer().RunAsync(_taken, CancellationToken.None));
        Assert.Contains("others than root", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_taken.Reports);
    }

    [Theory]
    [InlineData("sdb.mapfile", "sdb", "Mapfile", 1)]
    [InlineData("mapper!vg-root.badblocks", "mapper/vg-root", "Badblocks", 512)]
    [InlineData("ata-ST4000.v2_Z1.smartctl.json", "ata-ST4000.v2_Z1", "Smartctl", 1)]
    [InlineData("nvme0n1.badblocks4096", "nvme0n1", "Badblocks", 4096)]
    public void A_name_says_device_and_kind(string name, string device, string kind, long blockSize) =>
        Assert.Equal(new ImportName(device, Enum.Parse<ImportKind>(kind), blockSize), ImportName.Parse(name));

    private static string Smart(string wwn) => $$$"""
        {"json_format_version": [1, 0], "device": {"name": "/dev/sdx"}, "serial_number": "Z1", "wwn": {{{wwn}}},
         "logical_block_size": 512, "physical_block_size": 4096,
         "ata_pending_defects_log": {"size": 1, "count": 1, "table": [{"lba": 130}]}}
        """;

    private async Task DoneAsync(string name, string text)
    {
        _place.Drop(name, text);
        await UntilAsync(() => File.Exists(_place.PathOf($"done/{name}")));
        Assert.False(File.Exists(_place.PathOf(name)));
    }

    private async Task<string> RefusedAsync(string name, string text)
    {
        _place.Drop(name, text);
        string why = await ReasonAsync(name);
        Assert.Equal(text, await File.ReadAllTextAsync(_place.PathOf($"refused/{name}")));
        return why;
    }

    private async Task<string> ReasonAsync(string name)
    {
        string path = _place.PathOf($"refused/{name}.why");
        await UntilAsync(() => File.Exists(path) && !Path.Exists(_place.PathOf(name)) && new FileInfo(path).Length > 0);
        return await File.ReadAllTextAsync(path);
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.False(_running.IsFaulted, _running.Exception?.ToString());
            Assert.True(waited.Elapsed < Patience, "it did not come to that");
            await Task.Delay(20);
        }
    }

    private sealed class Taking : IReportIntake
    {
        internal ConcurrentQueue<Report> Reports { get; } = new();

        public Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
        {
            Reports.Enqueue(report);
            return Task.FromResult(new ReportReceipt(1, false, []));
        }

        public void Offer(Report report) => Reports.Enqueue(report);
    }
}
