// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Testing;
using Holdfast.Testing.Crashes;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: what becomes of each logged item (replayed, skipped, cancelled, and in which order) is what the kernel does.
/// Method: crashes of every geometry; the lines of an observer against the kernel's tracepoints of a mount.
/// </summary>
public sealed class ItemByItemTests
{
    public static TheoryData<string> Geometries => [.. CrashGeometry.All.Select(geometry => geometry.Name)];

    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [MemberData(nameof(Geometries))]
    public void Every_item_has_the_kernels_verdict(string name)
    {
        using var series = new CrashSeries(CrashGeometry.Named(name), seed: 1, TimeSpan.FromSeconds(0.5));
        using var trace = new RecoveryTrace();
        for (int crash = 0; crash < 2; crash++)
        {
            using var scratch = new Scratch("item-by-item");
            ImageSet images = series.Crash(scratch);
            IReadOnlyList<string> ours = Observe(images);
            using LoopMount mount = trace.Watch(
                () => LoopMount.ReadOnly(images, scratch, recoverLog: true), at => at.DataDevice,
                out IReadOnlyList<string> kernels);
            Same.Lines($"{name}, crash {crash}", kernels.Where(IsOfAnItem), ours);
        }
    }

    internal static IReadOnlyList<string> Observe(ImageSet images)
    {
        using DeviceBlockSource data = DeviceBlockSource.Open(images.Data);
        using DeviceBlockSource? log = images.Log is null ? null : DeviceBlockSource.Open(images.Log);
        byte[] sector = new byte[4096];
        Assert.True(data.Read(0, sector).IsNone);
        Assert.True(Superblock.TryOpen(sector, out Superblock superblock).IsNone);
        LogPlace place = LogImage.PlaceOf(images);
        LogState state = LogReader.FindState(log ?? data, place);
        var lines = new ObservedLines();
        RecoveredLog recovered =
            LogReplay.Run(data, log ?? data, place, state, Geometry.Of(in superblock), lines);
        Assert.True(recovered.IsWhole, $"{recovered.Stopped}");
        Assert.Empty(recovered.Obstacles);
        return lines.Lines;
    }

    private static bool IsOfAnItem(string line) => line.StartsWith("log_recover_", StringComparison.Ordinal);
}
