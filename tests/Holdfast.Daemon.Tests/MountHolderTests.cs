// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Daemon.Tests.Running;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests;

/// <summary>
/// Goal: a mounted XFS is held by the daemon from its mount to its unmount, the kernel is asked what was lost, and what
/// came while it was not mounted is replayed when it is again.
/// </summary>
[Collection(KernelEvents.Alone)]
public sealed class MountHolderTests
{
    private const int FileLength = 1 << 20;

    /// <summary>C6: and on another loop device, after a restart of the daemon.</summary>
    [RootTheory]
    [InlineData("default", true)]
    [InlineData("external-log", true)]
    [InlineData("no-rmapbt", false)]
    public async Task What_comes_between_two_mounts_waits_for_the_second(string geometry, bool isComplete)
    {
        using var place = new DaemonPlace(holdsMounts: true);
        using var scratch = new Scratch(geometry);
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        using DaemonProcess first = await DaemonProcess.StartAsync(place);
        await first.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        string device;
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(images, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
            device = mount.DataDevice.Path;
            await Until.HolderIsAsync(first.Api, NameOf(device), "live");
            using EventReader events = await first.Api.ListenAsync("/v1/parties/me/notices");
            await first.Api.ReportAsync("a", device, file.Offset, 4096);
            (long? _, JsonElement notice) = (await events.NextAsync())!.Value;
            Check(notice, 0, isReplayed: false, isComplete);
        }

        await Until.HolderIsAsync(first.Api, NameOf(device), null);
        await first.Api.ReportAsync("b", images.Data, file.Offset + 8192, 4096);
        await Until.WaitingAsync(first.Api, 1);
        Assert.Equal(0, (await first.TerminateAsync()).Status);

        using DaemonProcess second = await DaemonProcess.StartAsync(place);
        await Until.WaitingAsync(second.Api, 1);
        // So that the number of the first is not free.
        using LoopDevice? other = LoopDevice.Occupy(device, scratch.SparseFile("other.img", 1 << 20));
        using LoopMount again = LoopMount.Writable(images, scratch);
        Assert.NotEqual(device, again.DataDevice.Path);
        JsonElement replayed = await Until.NoticeAsync(second.Api, 1);
        Check(replayed, 8192, isReplayed: true, isComplete);
        await Until.WaitingAsync(second.Api, 0);
    }

    /// <summary>C11: what is handed on as it is published is what the ledger has, nothing left out.</summary>
    [RootFact]
    public async Task Who_listens_hears_all_that_the_ledger_has_however_it_was_published()
    {
        const int rounds = 40;
        using var place = new DaemonPlace(holdsMounts: true);
        using var scratch = new Scratch("listening");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        string device = mount.DataDevice.Path;
        await Until.HolderIsAsync(daemon.Api, NameOf(device), "live");
        using EventReader events = await daemon.Api.ListenAsync("/v1/parties/me/notices");
        // Each touches no other: one failure, one notice. Alone they are published in their own commit.
        Task ReportAsync(int i) => daemon.Api.ReportAsync($"{i}", device, file.Offset + (i * 1024), 512);
        for (int i = 0; i < rounds; i++) await ReportAsync(i);
        await Task.WhenAll(Enumerable.Range(rounds, rounds).Select(ReportAsync));
        for (int i = 2 * rounds; i < 3 * rounds; i++) await ReportAsync(i);
        var heard = new List<string>();
        while (heard.Count < 3 * rounds) heard.Add((await events.NextAsync())!.Value.Data.GetRawText());
        JsonElement page = await daemon.Api.DoAsync("GET", "/v1/parties/me/notices?limit=1000");
        Assert.Equal(page.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()), heard);
    }

    /// <summary>C3: a norecovery mount is structures ready, and nobody is asked in it.</summary>
    [RootFact]
    public async Task A_norecovery_mount_is_never_asked()
    {
        using var place = new DaemonPlace(holdsMounts: true);
        using var scratch = new Scratch("norecovery");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        ByteRange file;
        using (LoopMount mount = LoopMount.Writable(images, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
        }

        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        using (LoopDevice loop = LoopDevice.Attach(images.Data, readOnly: true))
        {
            string point = scratch.PathOf("point");
            Directory.CreateDirectory(point);
            ProgramRun.Require("mount", "-t", "xfs", "-o", "ro,norecovery", loop.Path, point);
            try
            {
                await Until.HolderIsAsync(daemon.Api, NameOf(loop.Path), "structures_ready");
                await daemon.Api.ReportAsync("a", images.Data, file.Offset, 4096);
                await Until.WaitingAsync(daemon.Api, 1);
            }
            finally
            {
                Unmounting.Unmount(point);
            }
        }

        using LoopMount again = LoopMount.Writable(images, scratch);
        Check(await Until.NoticeAsync(daemon.Api, 0), 0, isReplayed: true, isComplete: true);
    }

    /// <summary>C3: one that has shut down is read from its device, with the log recovered in memory.</summary>
    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_has_shut_down_is_read(bool isDownAtStart)
    {
        using var place = new DaemonPlace(holdsMounts: true);
        using var scratch = new Scratch("shutdown");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange file = WrittenFile.Create(mount.Point, "folder/file", FileLength);
        string name = NameOf(mount.DataDevice.Path);
        if (isDownAtStart) Crash(mount);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/parties/me", "{}");
        await Until.HolderIsAsync(daemon.Api, name, isDownAtStart ? "log_recovered" : "live");
        if (!isDownAtStart) Crash(mount);
        await daemon.Api.ReportAsync("a", images.Data, file.Offset, 4096);
        Check(await Until.NoticeAsync(daemon.Api, 0), 0, isReplayed: false, isComplete: true);
    }

    /// <summary>C2: whoever holds the bytes already keeps them, and the status says who.</summary>
    [RootFact]
    public async Task A_holder_that_was_there_before_keeps_its_bytes()
    {
        using var place = new DaemonPlace(holdsMounts: true);
        using var scratch = new Scratch("held");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using DaemonProcess daemon = await DaemonProcess.StartAsync(place);
        await daemon.Api.DoAsync("PUT", "/v1/holders/mine", RouteTests.Claim(images.Data, "claimed"));
        using LoopMount mount = LoopMount.Writable(images, scratch);
        await Until.TrueAsync(async () =>
        {
            JsonElement status = await daemon.Api.DoAsync("GET", "/v1/status");
            string degraded = status.GetProperty("degraded").GetRawText();
            return degraded.Contains($"{mount.Point} is not held", StringComparison.Ordinal)
                && degraded.Contains("is held by mine", StringComparison.Ordinal);
        });
    }

    private static void Crash(LoopMount mount)
    {
        using var root = new Tree(mount.Point);
        root.Crash(flushLog: true);
    }

    private static string NameOf(string device) => $"xfs-{Path.GetFileName(device)}";

    private static void Check(JsonElement notice, long offset, bool isReplayed, bool isComplete)
    {
        Assert.Equal(isReplayed, notice.GetProperty("replayed").GetBoolean());
        Assert.Equal(isComplete, notice.GetProperty("complete").GetBoolean());
        JsonElement impact = Assert.Single(notice.GetProperty("impacts").EnumerateArray());
        Assert.Equal("folder/file", Assert.Single(impact.GetProperty("paths").EnumerateArray()).GetString());
        Assert.Equal((offset, 4096L), (
            impact.GetProperty("file_offset").GetInt64(), impact.GetProperty("length").GetInt64()));
    }
}
