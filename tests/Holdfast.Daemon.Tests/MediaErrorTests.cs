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
/// Goal: a real media error, from the reader that hits it to the process that is told, and on to the next mount.
/// Method: XFS on a loop device whose backing store fails at chosen sectors; nothing of ours pretends anything.
/// </summary>
[Collection(KernelEvents.Alone)]
public sealed class MediaErrorTests
{
    private const int FileLength = 1 << 20;
    private const string Signals = """
        , "parties": [{"name": "guard"}],
        "rules": [{"name": "tell", "when": {"party": "guard", "medium": "confirmed"}, "do": {"signal": "SIGBUS"}}],
        "acting": {"enabled": true}
        """;

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    public async Task From_the_reader_to_the_process_and_to_the_next_mount()
    {
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(Signals, holdsMounts: true, traceInstance: trace.Name);
        using var scratch = new Scratch("media");
        ImageSet good = XfsGeometry.Named("default").MakeFilesystem(scratch);
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(good, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
            WrittenFile.Create(mount.Point, "folder/other", FileLength);
        }

        ByteRange first = new(file.Offset + (5 * Page), Page);
        ByteRange second = new(file.Offset + (9 * Page), Page);
        ByteRange[] bad = [first, second];
        using var failing = new FailingImage(
            good.Data, scratch, bad.SelectMany(at => FailingImage.SectorsOf(at.Offset, Page)));
        var images = new ImageSet(failing.Path);

        string device;
        using (DaemonProcess daemon = await DaemonProcess.StartAsync(place))
        {
            await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
            using (LoopMount mount = LoopMount.Writable(images, scratch))
            {
                device = mount.DataDevice.Path;
                await Until.HolderIsAsync(daemon.Api, $"xfs-{Path.GetFileName(device)}", "live");
                await HitAsync(daemon, mount, failing.Path, first);
            }

            // Nobody has it mounted, and somebody reads the device itself.
            await Until.HolderIsAsync(daemon.Api, $"xfs-{Path.GetFileName(device)}", null);
            using (LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true))
            {
                Read(loop.Path, second.Offset / Page);
                await FactsAsync(daemon.Api, failing.Path, second, "confirmed", "lost");
            }

            Assert.True((await daemon.Api.DoAsync("GET", "/v1/status")).GetProperty("waiting").GetInt64() > 0);
            await daemon.TerminateAsync();
        }

        await ReplayAsync(place, scratch, images, device, [first, second]);
    }

    private static async Task HitAsync(DaemonProcess daemon, LoopMount mount, string image, ByteRange first)
    {
        using var user = FileHolder.Start(Path.Combine(mount.Point, "folder/file"), map: "0,256");
        using var neighbour = FileHolder.Start(Path.Combine(mount.Point, "folder/file"), map: "6,250");
        using var stranger = FileHolder.Start(Path.Combine(mount.Point, "folder/other"), map: "0,256");
        Read(Path.Combine(mount.Point, "folder/file"), 5);
        await FactsAsync(daemon.Api, image, first, "confirmed", "lost");
        Assert.Equal("SIGBUS", await user.NextLine.WaitAsync(TimeSpan.FromSeconds(30)));
        JsonElement[] notices = await NoticesAsync(daemon.Api, image);
        JsonElement suspect = notices[0];
        Assert.Equal("suspect", suspect.GetProperty("medium").GetString());
        Assert.True(suspect.GetProperty("complete").GetBoolean());
        JsonElement impact = suspect.GetProperty("impacts")[0];
        Assert.Equal("folder/file", impact.GetProperty("paths")[0].GetString());
        Assert.Contains(notices, notice => notice.GetProperty("medium").GetString() == "confirmed");
        Assert.False(neighbour.NextLine.IsCompleted);
        Assert.False(stranger.NextLine.IsCompleted);
    }

    /// <summary>Pending across a restart of the daemon, and told at the next mount, on another loop device.</summary>
    private static async Task ReplayAsync(
        DaemonPlace place, Scratch scratch, ImageSet images, string device, ByteRange[] bad)
    {
        using DaemonProcess again = await DaemonProcess.StartAsync(place);
        foreach (ByteRange range in bad) await FactsAsync(again.Api, images.Data, range, "confirmed", "lost");
        Assert.True((await again.Api.DoAsync("GET", "/v1/status")).GetProperty("waiting").GetInt64() > 0);
        using LoopDevice? taken = LoopDevice.Occupy(device, scratch.SparseFile("taken.img", 1 << 20));
        using LoopMount remounted = LoopMount.Writable(images, scratch);
        Assert.NotEqual(device, remounted.DataDevice.Path);
        await Until.WaitingAsync(again.Api, 0);
        JsonElement[] replayed = [];
        await Until.TrueAsync(async () =>
        {
            JsonElement[] all = await NoticesAsync(again.Api, images.Data);
            replayed = [.. all.Where(at => at.GetProperty("replayed").GetBoolean())];
            return replayed.Any(at => at.GetProperty("medium").GetString() == "confirmed");
        });
        Assert.All(replayed, notice => Assert.Contains(
            "folder/file", notice.GetProperty("impacts").GetRawText(), StringComparison.Ordinal));
        Assert.Contains(replayed, notice => notice.GetProperty("medium").GetString() == "confirmed"
            && notice.GetProperty("impacts")[0].GetProperty("file_offset").GetInt64() == 9 * Page);
    }

    /// <summary>C9: requests of all sizes blame the same bytes in the end.</summary>
    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    [InlineData(Page)]
    [InlineData(128 << 10)]
    [InlineData(1 << 20)]
    public async Task A_bad_sector_is_the_same_bytes_whatever_hit_it(int request)
    {
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(traceInstance: trace.Name);
        using var scratch = new Scratch("media");
        string image = scratch.SparseFile("disk.img", 16 << 20);
        ByteRange bad = new((3 << 20) + (7 * Page), Page);
        using var failing = new FailingImage(image, scratch, FailingImage.SectorsOf(bad.Offset, bad.Length));
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        Read(loop.Path, bad.Offset / request, request);
        await FactsAsync(daemon.Api, failing.Path, bad, "confirmed", "unknown");
        // What was blamed beside it is read, and never was lost.
        await Until.TrueAsync(async () => (await OpenAsync(daemon.Api, failing.Path)).Length == 1);
    }

    /// <summary>The kernel tells of the disk; the filesystem on one of its partitions is who must know.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program, "addpart")]
    public async Task An_error_of_a_disk_is_the_matter_of_the_filesystem_on_its_partition()
    {
        const long start = 1 << 20;
        using var trace = new TraceInstanceName();
        using var place = new DaemonPlace(holdsMounts: true, traceInstance: trace.Name);
        using var scratch = new Scratch("partition");
        ImageSet filesystem = XfsGeometry.Named("default").MakeFilesystem(scratch);
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(filesystem, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
        }

        string image = scratch.SparseFile("disk.img", start + new FileInfo(filesystem.Data).Length + start);
        ProgramRun.Require("dd", $"if={filesystem.Data}", $"of={image}", "bs=1M", "seek=1", "conv=notrunc,sparse");
        using var failing = new FailingImage(
            image, scratch, FailingImage.SectorsOf(start + file.Offset + (5 * Page), Page));
        using LoopDevice disk = LoopDevice.Attach(failing.Path, readOnly: false, hasPartitions: true);
        ProgramRun.Require(
            "addpart", disk.Path, "1", $"{start / 512}", $"{new FileInfo(filesystem.Data).Length / 512}");
        string partition = $"{disk.Path}p1";
        string point = scratch.PathOf("point");
        Directory.CreateDirectory(point);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        ProgramRun.Require("mount", "-t", "xfs", "-o", "nouuid", partition, point);
        try
        {
            await Until.HolderIsAsync(daemon.Api, $"xfs-{Path.GetFileName(partition)}", "live");
            Read(Path.Combine(point, "folder/file"), 5);
            await FactsAsync(daemon.Api, failing.Path, new(file.Offset + (5 * Page), Page), "confirmed", "lost");
            // The careful readers of other tests' daemons make the kernel speak of the disk as well; and a filesystem
            // that does not answer at once answers after the failure is known.
            JsonElement first = default;
            await Until.TrueAsync(async () =>
            {
                first = (await NoticesAsync(daemon.Api, $"{failing.Path}-part1"))
                    .FirstOrDefault(at => at.TryGetProperty("impacts", out _));
                return first.ValueKind == JsonValueKind.Object;
            });
            Assert.Equal(
                "folder/file", first.GetProperty("impacts")[0].GetProperty("paths")[0].GetString());
            Assert.EndsWith("-part1", first.GetProperty("device").GetProperty("identity").GetString());
        }
        finally
        {
            Unmounting.Unmount(point);
            ProgramRun.Require("delpart", disk.Path, "1");
        }
    }
}
