// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using static Holdfast.Daemon.Tests.Running.MediaErrorScene;

namespace Holdfast.Daemon.Tests;

/// <summary>
/// C8, C10. Goal: a bad sector below a filesystem in a file of another filesystem is one failure, of the lowest device,
/// and both are told, each by its own names. Method: the kernel hears of it at both loop devices.
/// </summary>
[Collection(KernelEvents.Alone)]
public sealed class NestedErrorTests
{
    private const int FileLength = 1 << 20;
    private const long HostMiB = 1024;

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    public async Task C8_a_bad_sector_behind_a_nested_loop_device_is_one_failure_that_both_filesystems_hear_of()
    {
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(holdsMounts: true, traceInstance: trace.Name);
        using var scratch = new Scratch("nested");
        ImageSet guestImage = XfsGeometry.Named("default").MakeFilesystem(scratch);
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(guestImage, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
        }

        string hostImage = scratch.SparseFile("host.img", HostMiB << 20);
        XfsPrograms.System.MakeFilesystem(hostImage, "-m", "rmapbt=1");
        ByteRange inGuest = new(file.Offset + (5 * Page), Page);
        long onHost = PutInto(hostImage, guestImage.Data, scratch, inGuest.Offset);
        using var failing = new FailingImage(hostImage, scratch, FailingImage.SectorsOf(onHost, Page));
        using LoopMount host = LoopMount.Writable(new(failing.Path), scratch);
        using LoopMount guest = LoopMount.Writable(new(Path.Combine(host.Point, "disk.img")), scratch);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        await Until.HolderIsAsync(daemon.Api, $"xfs-{Path.GetFileName(host.DataDevice.Path)}", "live");
        await Until.HolderIsAsync(daemon.Api, $"xfs-{Path.GetFileName(guest.DataDevice.Path)}", "live");

        Read(Path.Combine(guest.Point, "folder/file"), 5);
        await FactsAsync(daemon.Api, failing.Path, new(onHost, Page), "confirmed", "lost");
        // Both loop devices failed a request; nobody's careful reading makes anything else suspect.
        Read(Path.Combine(guest.Point, "folder/file"), 5);
        string disk = Path.Combine(host.Point, "disk.img");
        JsonElement failure = Assert.Single(await OpenAsync(daemon.Api, failing.Path, disk));
        Assert.Equal($"path:{failing.Path}", failure.GetProperty("device").GetProperty("identity").GetString());
        await Until.TrueAsync(async () => Confirmed(await NoticesAsync(daemon.Api, failing.Path, disk)).Length == 2);
        JsonElement[] confirmed = Confirmed(await NoticesAsync(daemon.Api, failing.Path, disk));
        Assert.Equal("disk.img", PathOf(confirmed, failing.Path));
        Assert.Equal("folder/file", PathOf(confirmed, disk));
        Assert.Equal(5 * Page, ImpactOf(confirmed, disk).GetProperty("file_offset").GetInt64());
        // A report of the device above is of the same bytes.
        await daemon.Api.DoAsync("POST", "/v1/reports", $$"""
            {"key": "k", "source": "test", "basis": "list", "device": "{{guest.DataDevice.Path}}", "ranges": [
                {"offset": {{inGuest.Offset}}, "length": {{Page}}}]}
            """);
        Assert.Single(await OpenAsync(daemon.Api, failing.Path, disk));
    }

    /// <summary>A loop device that begins within its file: the kernel counts from there, the name does not.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    public async Task C10_an_error_behind_a_loop_device_with_an_offset_is_named_by_the_files_bytes()
    {
        const long start = 1 << 20;
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(traceInstance: trace.Name);
        using var scratch = new Scratch("offset");
        string image = scratch.SparseFile("disk.img", 16 << 20);
        ByteRange bad = new(start + (3 << 20) + (7 * Page), Page);
        using var failing = new FailingImage(image, scratch, FailingImage.SectorsOf(bad.Offset, bad.Length));
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true, offset: start);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        Read(loop.Path, (bad.Offset - start) / (64 << 10), 64 << 10);
        await FactsAsync(daemon.Api, failing.Path, bad, "confirmed", "unknown");
        await Until.TrueAsync(async () => (await OpenAsync(daemon.Api, failing.Path)).Length == 1);
    }

    /// <summary>Copies an image into a file of another one's filesystem.</summary>
    /// <returns>Where one of its bytes lies there.</returns>
    private static long PutInto(string hostImage, string image, Scratch scratch, long offset)
    {
        using LoopMount host = LoopMount.Writable(new(hostImage), scratch);
        string copy = Path.Combine(host.Point, "disk.img");
        ProgramRun.Require("cp", "--sparse=never", image, copy);
        using var root = new Tree(host.Point);
        root.Sync();
        ulong inode = ulong.Parse(ProgramRun.Require("stat", "-c", "%i", copy).Text.Trim());
        FsmapRow row = Bmap.ReadAll(root, Bulkstat.ReadAll(root).Where(at => at.Inode == inode))
            .Single(at => at.Offset <= offset && offset < at.Offset + at.Length);
        return row.Physical + offset - row.Offset;
    }

    private static JsonElement[] Confirmed(JsonElement[] notices) =>
        [.. notices.Where(at => at.GetProperty("medium").GetString() == "confirmed"
            && at.GetProperty("cause").GetString() != "resolved_again")];

    private static JsonElement ImpactOf(JsonElement[] notices, string file) => Assert.Single(notices,
        at => at.GetProperty("device").GetProperty("identity").GetString() == $"path:{file}")
        .GetProperty("impacts")[0];

    private static string? PathOf(JsonElement[] notices, string file) =>
        ImpactOf(notices, file).GetProperty("paths")[0].GetString();
}
