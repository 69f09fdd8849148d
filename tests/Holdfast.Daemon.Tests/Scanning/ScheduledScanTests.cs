// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Scanning;

/// <summary>
/// Goal: a scheduled scan brings exactly what does not read into the ledger, takes back what reads, once it is finished
/// and not before, and goes on after a kill. Method: real media errors through a running daemon that hears the kernel,
/// so that an echo of its own reads would show.
/// </summary>
[Collection(KernelEvents.Alone)]
public sealed class ScheduledScanTests : IDisposable
{
    private const int Page = 4096;
    private const int MiB = 1 << 20;

    private readonly TraceInstanceName _trace = new();
    private readonly Scratch _scratch = new("scheduled");

    public void Dispose()
    {
        _trace.Dispose();
        _scratch.Dispose();
    }

    [RootFact(Needs.MountedXfs, FailingImage.Program)]
    public async Task What_does_not_read_is_confirmed_and_what_reads_is_taken_back()
    {
        ByteRange[] bad = [new(MiB + (3 * Page), Page), new(5 * MiB, 2 * Page)];
        ByteRange good = new(9 * MiB, Page);
        using FailingImage failing = Failing(16 * MiB, bad);
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true);
        using var place = new DaemonPlace(Scans($"\"device\": \"{loop.Path}\""), traceInstance: _trace.Name);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        JsonElement first = await FinishedAsync(daemon.Api, null);
        Assert.Equal((16L * MiB, 3L * Page), (Number(first, "read_bytes"), Number(first, "bad_bytes")));
        JsonElement[] found = await FailuresAsync(daemon.Api, "all");
        Assert.Equal(bad, found.Select(RangeOf));
        Assert.All(found, failure => Assert.Equal(
            ("confirmed", "unknown", 1L),
            (Text(failure, "medium"), Text(failure, "content"), Number(failure, "count"))));
        // Nothing of it came by the kernel's events of the scan's own reads.
        Assert.All(found, failure => Assert.Equal("[\"scan:night\"]", failure.GetProperty("sources").GetRawText()));

        await daemon.Api.ReportAsync("mistaken", loop.Path, good.Offset, good.Length);
        Assert.Equal(3, (await FailuresAsync(daemon.Api, "open")).Length);
        await daemon.Api.DoAsync("POST", "/v1/scans/night/start");
        await FinishedAsync(daemon.Api, Text(first, "last_finished"));
        JsonElement[] after = await FailuresAsync(daemon.Api, "all");
        JsonElement back = after.Single(failure => RangeOf(failure) == good);
        Assert.Equal(("readable", "dismissed"), (Text(back, "medium"), Text(back, "content")));
        // The same list again changes nothing: no revision, no count, no notice.
        Assert.Equal(
            found.Select(failure => failure.GetRawText()),
            after.Where(failure => RangeOf(failure) != good).Select(failure => failure.GetRawText()));
    }

    [RootFact(Needs.MountedXfs, FailingImage.Program)]
    public async Task Killed_in_the_middle_it_has_taken_nothing_back_and_goes_on_where_it_was()
    {
        ByteRange[] bad = [new(2 * MiB, Page), new(50 * MiB, Page)];
        ByteRange good = new(MiB, Page);
        using FailingImage failing = Failing(64 * MiB, bad);
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true);
        string map = _scratch.PathOf("state/scans/night.map");
        // As the configuration's owner changes it, from run to run.
        Func<string, DaemonPlace> with = scans => new(scans, traceInstance: _trace.Name, folder: _scratch);
        using (DaemonPlace place = with(""))
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await daemon.Api.ReportAsync("mistaken", loop.Path, good.Offset, good.Length);
            await daemon.TerminateAsync();
        }

        using (DaemonPlace place = with(Scans($"\"device\": \"{loop.Path}\", \"max_bytes_per_s\": {4 * MiB}")))
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await Until.TrueAsync(() => Task.FromResult(ReadOf(map) is { } read && read.Contains(good)));
            await daemon.KillAsync();
        }

        ByteRangeSet before = ReadOf(map)!;
        Assert.InRange(before.TotalLength, 2 * MiB, 40 * MiB);
        using (DaemonPlace place = with(""))
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            JsonElement[] known = await FailuresAsync(daemon.Api, "all");
            Assert.Equal([good, bad[0]], known.Select(RangeOf));
            Assert.Equal(["suspect", "confirmed"], known.Select(failure => Text(failure, "medium")));
            await daemon.TerminateAsync();
        }

        using (DaemonPlace place = with(Scans($"\"device\": \"{loop.Path}\"")))
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await FinishedAsync(daemon.Api, null);
            JsonElement[] known = await FailuresAsync(daemon.Api, "all");
            Assert.Equal([good, bad[0], bad[1]], known.Select(RangeOf));
            Assert.Equal(
                ["readable", "confirmed", "confirmed"], known.Select(failure => Text(failure, "medium")));
            Assert.Equal(64L * MiB - before.TotalLength, await BytesReadAsync(daemon.Api));
        }
    }

    /// <summary>Told to end, it writes down how far it is, though that is not due yet.</summary>
    [RootFact(Needs.MountedXfs)]
    public async Task Stopped_it_goes_on_where_it_was()
    {
        string image = _scratch.SparseFile("disk.img", 64 * MiB);
        using var place = new DaemonPlace(Scans($"\"device\": \"{image}\", \"max_bytes_per_s\": {8 * MiB}"));
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await Until.TrueAsync(async () => Number(await ScanAsync(daemon.Api), "read_bytes") > 3 * MiB);
            JsonElement scan = await ScanAsync(daemon.Api);
            Assert.Equal(("reading", 64L * MiB), (Text(scan, "state"), Number(scan, "wanted_bytes")));
            Assert.InRange(Number(scan, "left_s"), 1, 60);
            await daemon.TerminateAsync();
        }

        ByteRangeSet read = ReadOf(place.PathOf("state/scans/night.map"))!;
        Assert.InRange(read.TotalLength, 3 * MiB, 60 * MiB);
        using DaemonProcess again = await DaemonProcess.StartAsync(place);
        await Until.TrueAsync(async () => Number(await ScanAsync(again.Api), "read_bytes") >= read.TotalLength);
        Assert.InRange(await BytesReadAsync(again.Api), 0, 60 * MiB);
    }

    [RootFact(Needs.MountedXfs)]
    public async Task A_device_that_is_not_there_is_waited_for_and_known_by_its_identity()
    {
        string image = _scratch.PathOf("later.img");
        using var place = new DaemonPlace(Scans($"\"device\": \"path:{image}\""));
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await Until.TrueAsync(async () => Text(await ScanAsync(daemon.Api), "state") == "no_device");
        _scratch.SparseFile("later.img", 4 * MiB);
        // It is a loop device by now, and read all the same.
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: true);
        JsonElement scan = await FinishedAsync(daemon.Api, null);
        Assert.Equal(($"path:{image}", 4L * MiB), (Text(scan, "identity"), Number(scan, "read_bytes")));
        Answer unknown = await daemon.Api.SendAsync("POST", "/v1/scans/other/start");
        Assert.Equal("not_found", unknown.Code);
    }

    [RootFact(Needs.MountedXfs)]
    public async Task Out_of_its_hours_it_waits_but_for_a_person()
    {
        string image = _scratch.SparseFile("disk.img", 4 * MiB);
        TimeOnly now = TimeOnly.FromDateTime(DateTime.Now);
        string window = string.Create(
            CultureInfo.InvariantCulture, $"{now.AddHours(2):HH\\:mm}-{now.AddHours(3):HH\\:mm}");
        using var place = new DaemonPlace(Scans($"\"device\": \"{image}\", \"window\": \"{window}\""));
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await Until.TrueAsync(async () => (await ScanAsync(daemon.Api)).TryGetProperty("next", out _));
        JsonElement scan = await ScanAsync(daemon.Api);
        Assert.Equal(("waiting", 0L), (Text(scan, "state"), Number(scan, "read_bytes")));
        Assert.InRange(
            scan.GetProperty("next").GetDateTimeOffset() - DateTimeOffset.Now, TimeSpan.FromMinutes(110),
            TimeSpan.FromMinutes(121));
        await daemon.Api.DoAsync("POST", "/v1/scans/night/start");
        Assert.Equal(4L * MiB, Number(await FinishedAsync(daemon.Api, null), "read_bytes"));
    }

    /// <summary>A bad sector in free space is nobody's, and was not read.</summary>
    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_what_is_in_use_is_read_where_that_is_wanted(bool isMounted)
    {
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(_scratch);
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(images, _scratch))
        {
            file = WrittenFile.Create(mount.Point, "file", MiB, fill: 7);
        }

        long size = new FileInfo(images.Data).Length;
        ByteRange bad = new(file.Offset + Page, Page);
        ByteRange free = new(size - (8 * MiB), Page);
        ByteRange[] both = [bad, free];
        using var failing = new FailingImage(
            images.Data, _scratch, both.SelectMany(at => FailingImage.SectorsOf(at.Offset, Page)));
        using LoopMount? mounted = isMounted ? LoopMount.ReadOnly(new(failing.Path), _scratch) : null;
        using LoopDevice? loop = isMounted ? null : LoopDevice.Attach(failing.Path, readOnly: true);
        string device = mounted?.DataDevice.Path ?? loop!.Path;
        using var place = new DaemonPlace(Scans($"\"device\": \"{device}\", \"allocated\": true"));
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        JsonElement scan = await FinishedAsync(daemon.Api, null);
        Assert.False(scan.TryGetProperty("note", out JsonElement note), $"{note}");
        Assert.InRange(Number(scan, "wanted_bytes"), MiB, size / 2);
        Assert.Equal([bad], (await FailuresAsync(daemon.Api, "all")).Select(RangeOf));
    }

    private FailingImage Failing(long size, ByteRange[] bad) => new(
        _scratch.SparseFile("disk.img", size), _scratch,
        bad.SelectMany(at => FailingImage.SectorsOf(at.Offset, at.Length)));

    private static string Scans(string members) => $$""", "scans": [{"name": "night", {{members}}}]""";

    private static async Task<JsonElement> ScanAsync(Running.Api api) =>
        (await api.DoAsync("GET", "/v1/status")).GetProperty("scans")[0];

    /// <summary>The scan, once it has finished at another time than before.</summary>
    private static async Task<JsonElement> FinishedAsync(Running.Api api, string? before)
    {
        JsonElement scan = default;
        await Until.TrueAsync(async () =>
        {
            scan = await ScanAsync(api);
            return Text(scan, "state") == "waiting" && scan.TryGetProperty("last_finished", out JsonElement last)
                && last.GetString() != before;
        });
        return scan;
    }

    /// <summary>Of this test's own images: the kernel tells of those of other tests as well.</summary>
    private async Task<JsonElement[]> FailuresAsync(Running.Api api, string state) =>
    [
        .. (await api.DoAsync("GET", $"/v1/failures?state={state}&limit=1000")).GetProperty("items").EnumerateArray()
            .Where(at => Text(at.GetProperty("device"), "identity").StartsWith(
                $"path:{_scratch.Folder}", StringComparison.Ordinal))
            .OrderBy(at => at.GetProperty("offset").GetInt64()),
    ];

    private static async Task<long> BytesReadAsync(Running.Api api)
    {
        string text = (await api.SendAsync("GET", "/metrics")).Text;
        string line = text.Split('\n')
            .Single(at => at.StartsWith("holdfast_scan_bytes_total ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static ByteRangeSet? ReadOf(string map)
    {
        if (!File.Exists(map)) return null;
        using FileStream stream = File.OpenRead(map);
        return Mapfile.Read(stream).Where(MapfileStatuses.Finished | MapfileStatuses.BadSector);
    }

    private static ByteRange RangeOf(JsonElement failure) => new(Number(failure, "offset"), Number(failure, "length"));

    private static long Number(JsonElement at, string name) => at.GetProperty(name).GetInt64();

    private static string Text(JsonElement at, string name) => at.GetProperty(name).GetString()!;
}
