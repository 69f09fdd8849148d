// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Crashes;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

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
        using var series = new CrashSeries(CrashGeometry.Named(name), seed: 1);
        using var trace = new RecoveryTrace();
        for (int crash = 0; crash < 2; crash++)
        {
            using var scratch = new Scratch("item-by-item");
            ImageSet images = series.Crash(scratch);
            var ours = new ObservedLines();
            new RecoveredImage(images, ours, finish: false).Dispose();
            using LoopMount mount = trace.Mount(images, scratch, out IReadOnlyList<string> kernels);
            Same.Lines($"{name}, crash {crash}", kernels.Where(IsOfAnItem), ours.Lines);
        }
    }

    private static bool IsOfAnItem(string line) => line.StartsWith("log_recover_", StringComparison.Ordinal);
}
