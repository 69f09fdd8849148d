// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>Goal: `holdfast scan` finds exactly the sectors that cannot be read, all of them, and goes on.</summary>
public sealed class ScanTests
{
    private const int Page = 4096;
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "scan.schema.json"));

    // Pages of a 64 MiB device: alone, side by side, over a read's border, at both ends.
    private static readonly long[] BadPages = [0, 7, 8, 255, 256, 1000, 5000, 5002, 16383];

    [RootTheory(Needs.MountedXfs, FailingImage.Program)]
    [InlineData("1M")]
    [InlineData("128K")]
    [InlineData("4K")]
    public void It_finds_the_bad_sectors_and_no_others(string blockSize)
    {
        using var bad = new BadDevice();
        ProgramRun run = Command.Run("scan", bad.Loop, "--json", "--block-size", blockSize);
        Assert.Equal((1, ""), (run.ExitStatus, run.Errors));
        JsonElement report = run.Json();
        Assert.Empty(Schema.Check(report));
        Assert.Equal(bad.Wanted, Ranges(report));
        Assert.Equal(64 << 20, report.GetProperty("read_bytes").GetInt64());
        Assert.True(report.GetProperty("complete").GetBoolean());
    }

    [RootFact(Needs.MountedXfs, FailingImage.Program)]
    public void What_was_found_is_kept_in_a_mapfile_and_gone_on_from()
    {
        using var bad = new BadDevice();
        string map = bad.PathOf("scan.map");
        // Half of it, as if it had been interrupted there.
        Assert.Equal(1, Command.Run("scan", bad.Loop, "--range", "0+32M", "--mapfile", map).ExitStatus);
        ProgramRun second = Command.Run("scan", bad.Loop, "--mapfile", map);
        Assert.Equal(1, second.ExitStatus);
        Assert.Contains($"holdfast locate {bad.Loop} --mapfile {map}", second.Text, StringComparison.Ordinal);
        Assert.Contains("7 bad ranges, 36.0 KiB, cannot be read.", second.Text, StringComparison.Ordinal);
        using FileStream stream = File.OpenRead(map);
        Mapfile mapfile = Mapfile.Read(stream);
        Assert.Equal(0, mapfile.Faults.TotalCount);
        Assert.True(mapfile.Position.IsFinished);
        Assert.Equal(bad.Wanted, mapfile.Where(MapfileStatuses.BadSector));
        Assert.Equal(64 << 20, mapfile.Where(MapfileStatuses.Finished | MapfileStatuses.BadSector).TotalLength);

        // Nothing is read a second time: there is nothing left.
        ProgramRun third = Command.Run("scan", bad.Loop, "--mapfile", map, "--json");
        Assert.Equal(bad.Wanted, Ranges(third.Json()));
    }

    [RootFact(Needs.MountedXfs, FailingImage.Program)]
    public void Told_to_stop_it_keeps_what_it_has()
    {
        using var bad = new BadDevice();
        string map = bad.PathOf("scan.map");
        // Built before, so that it is the scan that is told to stop.
        Assert.Equal(0, Command.Run("--version").ExitStatus);
        ProgramRun run = Command.Shell(
            bad.Folder,
            $"{{ '{Command.Script}' scan {bad.Loop} --mapfile {map} --block-size 4K --rate 2M --json > out & "
            + "sleep 3; kill -TERM $!; wait $!; echo $?; cat out; }");
        string[] lines = run.Lines();
        Assert.Equal("5", lines[0]);
        JsonElement report = JsonDocument.Parse(lines[1]).RootElement;
        Assert.False(report.GetProperty("complete").GetBoolean());
        long read = report.GetProperty("read_bytes").GetInt64();
        Assert.InRange(read, 1 << 16, 32 << 20);
        using FileStream stream = File.OpenRead(map);
        Assert.Equal(
            read, Mapfile.Read(stream).Where(MapfileStatuses.Finished | MapfileStatuses.BadSector).TotalLength);
    }

    /// <summary>
    /// Everything below fails, sector by sector: whenever it is told, it is in the middle of a search, and keeps what
    /// that has found.
    /// </summary>
    [RootFact(Needs.MountedXfs, FailingImage.Program)]
    public async Task Told_to_stop_among_bad_sectors_it_keeps_those_it_has_found()
    {
        using var scratch = new Scratch("scan");
        string image = scratch.SparseFile("disk.img", 256 << 20);
        using var failing = new FailingImage(image, scratch, [FailingImage.Every]);
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true);
        Assert.Equal(0, Command.Run("--version").ExitStatus);
        string map = scratch.PathOf("scan.map");
        var start = new ProcessStartInfo(Command.Script, ["scan", loop.Path, "--mapfile", map, "--json", "--eager"])
        {
            RedirectStandardOutput = true,
        };
        using Process scan = Process.Start(start)!;
        // Failed requests are counted, too: it has got somewhere.
        long before = Requests(loop.Path);
        var waited = Stopwatch.StartNew();
        while (Requests(loop.Path) < before + 5000)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60) && !scan.HasExited, "it does not read");
            await Task.Delay(20);
        }

        using (Process kill = Process.Start("kill", ["-TERM", $"{scan.Id}"])) await kill.WaitForExitAsync();
        JsonElement report = JsonDocument.Parse(await scan.StandardOutput.ReadToEndAsync()).RootElement;
        await scan.WaitForExitAsync();
        Assert.Equal(5, scan.ExitCode);
        Assert.False(report.GetProperty("complete").GetBoolean());
        using FileStream stream = File.OpenRead(map);
        ByteRangeSet bad = Mapfile.Read(stream).Where(MapfileStatuses.BadSector);
        Assert.Equal(Ranges(report), bad);
        Assert.Equal(report.GetProperty("read_bytes").GetInt64(), bad.TotalLength);
        // From the first sector on, and not only by whole reads.
        Assert.Equal(0, Assert.Single(bad).Offset);
        Assert.InRange(bad.TotalLength, 1 << 20, 255 << 20);
        Assert.NotEqual(0, bad.TotalLength % (1 << 20));
    }

    [RootFact(Needs.MountedXfs)]
    public void A_sound_device_is_said_to_be_one()
    {
        using var scratch = new Scratch("scan");
        string image = scratch.SparseFile("disk.img", 8 << 20);
        ProgramRun run = Command.Run("scan", image);
        Assert.Equal((0, ""), (run.ExitStatus, run.Errors));
        Assert.Contains("8.0 MiB of 8.0 MiB read", run.Text, StringComparison.Ordinal);
        Assert.Contains("No sector was found that cannot be read.", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "No such file", "/no/such/device")]
    [InlineData(8, "is a folder", "/")]
    [InlineData(16, "--block-size 1000: not a multiple", "IMAGE", "--block-size", "1000")]
    [InlineData(16, "--block-size 2097152: not a multiple", "IMAGE", "--block-size", "2M")]
    [InlineData(16, "--range x", "IMAGE", "--range", "x")]
    [InlineData(16, "nothing of the device is to be read", "IMAGE", "--range", "1T+4K")]
    public void What_makes_no_sense_is_said(int status, string part, params string[] arguments)
    {
        using var scratch = new Scratch("scan");
        string image = scratch.SparseFile("disk.img", 1 << 20);
        ProgramRun run = Command.Run(["scan", .. arguments.Select(at => at == "IMAGE" ? image : at)]);
        Assert.Equal(status, run.ExitStatus);
        Assert.Contains(part, run.OnlyError(), StringComparison.OrdinalIgnoreCase);
    }

    private static long Requests(string device) => long.Parse(File.ReadAllText(
        $"/sys/block/{Path.GetFileName(device)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);

    private static ByteRangeSet Ranges(JsonElement report) => ByteRangeSet.From(
        report.GetProperty("bad").EnumerateArray().Select(range => new ByteRange(
            range.GetProperty("offset").GetInt64(), range.GetProperty("length").GetInt64())));

    private sealed class BadDevice : IDisposable
    {
        private readonly Scratch _scratch = new("scan");
        private readonly FailingImage _image;
        private readonly LoopDevice _loop;

        internal BadDevice()
        {
            string image = _scratch.SparseFile("disk.img", 64 << 20);
            _image = new(image, _scratch, BadPages.SelectMany(at => FailingImage.SectorsOf(at * Page, Page)));
            _loop = LoopDevice.Attach(_image.Path, readOnly: true);
        }

        internal string Loop => _loop.Path;

        internal string Folder => _scratch.Folder;

        internal ByteRangeSet Wanted { get; } =
            ByteRangeSet.From(BadPages.Select(at => new ByteRange(at * Page, Page)));

        internal string PathOf(string name) => _scratch.PathOf(name);

        public void Dispose()
        {
            _loop.Dispose();
            _image.Dispose();
            _scratch.Dispose();
        }
    }
}
