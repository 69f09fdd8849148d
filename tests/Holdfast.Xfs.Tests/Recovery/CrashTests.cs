// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Testing;
using Holdfast.Testing.Crashes;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: whatever a crash leaves behind, our recovery gives what the kernel's does: item by item while it replays, and
/// in every extent and path afterwards; and the crashes are such that everything hard about recovery happens.
/// Method: filesystems of every geometry that crash again and again under load; after each crash ours is compared with
/// a mount of a copy. HOLDFAST_CRASHES and HOLDFAST_CRASH_SEED (./test --crashes N --seed N) and
/// HOLDFAST_CRASH_GEOMETRY choose; what differs is kept in the folder that HOLDFAST_CRASHES_KEPT names.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Crashes = 60;

    private readonly CrashCoverage _coverage = new();
    private readonly List<string> _differences = [];

    private static string? Kept => Environment.GetEnvironmentVariable("HOLDFAST_CRASHES_KEPT");

    [RootFact(Needs.MountedXfs | Needs.NewerXfsprogs)]
    public void A_crashed_filesystem_is_recovered_as_the_kernel_recovers_it()
    {
        int crashes = Number("HOLDFAST_CRASHES", Crashes);
        string? geometry = Environment.GetEnvironmentVariable("HOLDFAST_CRASH_GEOMETRY");
        // A run that met not everything goes on for as long again; a few by hand need not meet everything.
        bool isRun = crashes >= Crashes && geometry is null;
        int more = isRun ? crashes : 0;
        // Short series reach every geometry; long ones let a filesystem grow old.
        int length = crashes > Crashes ? 8 : 3;
        int seed = Number("HOLDFAST_CRASH_SEED", 1);
        IReadOnlyList<CrashGeometry> geometries =
            geometry is null ? CrashGeometry.All : [CrashGeometry.Named(geometry)];
        using var pace = LogPace.Fast();
        using var trace = new RecoveryTrace();
        for (int series = 0; crashes > 0 || (more > -crashes && !HasMetEverything()); series++, seed += length)
        {
            Run(geometries[series % geometries.Count], seed, crashes > 0 ? Math.Min(crashes, length) : length, trace);
            crashes -= length;
        }

        Tell(_coverage.ToString());
        Assert.True(_differences.Count == 0, string.Join('\n', _differences));
        if (!isRun) return;
        Assert.All(CrashCoverage.Wanted, what => Assert.True(_coverage[what] > 0, $"no crash had any {what}"));
    }

    private bool HasMetEverything() => CrashCoverage.Wanted.All(what => _coverage[what] > 0);

    private void Run(CrashGeometry geometry, int seed, int crashes, RecoveryTrace trace)
    {
        using var series = new CrashSeries(geometry, seed);
        for (int crash = 0; crash < crashes; crash++)
        {
            using var scratch = new Scratch("crash");
            ImageSet images = series.Crash(scratch);
            string name = $"{geometry.Name}, seed {seed}, crash {crash}";
            string? kept = Kept is null ? null : Keep(images, $"{geometry.Name}-{seed}-{crash}");
            if (Difference(images, scratch, trace) is { } difference)
            {
                _differences.Add($"{name}: {difference}");
                Tell(_differences[^1]);
            }
            else
            {
                if (kept is not null) Directory.Delete(kept, recursive: true);
                Tell($"{name}: equal");
            }
        }
    }

    private string? Difference(ImageSet images, Scratch scratch, RecoveryTrace trace)
    {
        var lines = new ObservedLines();
        using var ours = new RecoveredImage(images, lines);
        _coverage.Count(CrashCoverage.DoneWithoutIntent, ours.Log.Counts.DoneWithoutIntent);
        // The kernel writes where it recovers: to a copy, for what we read lazily is the image itself.
        ImageSet copy = Copy(images, scratch.PathOf("mounted"));
        using LoopMount mount = trace.Mount(copy, scratch, out IReadOnlyList<string> kernels);
        _coverage.Add(kernels);
        KernelAnswers answers = KernelAnswers.Ask(mount.Point, mount.RoleOf);
        RecoveryComparison comparison = RecoveryComparison.Of(answers, ours);
        foreach (string note in comparison.Notes) Tell($"(note) {note}");
        string? items = FirstDifference([.. kernels.Where(IsOfAnItem)], lines.Lines);
        if (items is null && comparison.IsEqual) return null;
        return string.Join('\n', comparison.Failures.Prepend(items).OfType<string>());
    }

    private static string? FirstDifference(List<string> kernels, List<string> ours)
    {
        int same = kernels.Zip(ours).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same == kernels.Count && same == ours.Count) return null;
        return $"of {kernels.Count} items ours are {ours.Count}; behind {same}\n"
            + $"- {kernels.ElementAtOrDefault(same)}\n+ {ours.ElementAtOrDefault(same)}";
    }

    private static bool IsOfAnItem(string line) => line.StartsWith("log_recover_", StringComparison.Ordinal);

    private static string Keep(ImageSet images, string name)
    {
        string folder = Path.Combine(Kept!, name);
        Copy(images, folder);
        return folder;
    }

    private static ImageSet Copy(ImageSet images, string folder)
    {
        Directory.CreateDirectory(folder);
        string[] files = images.Log is null ? [images.Data] : [images.Data, images.Log];
        ProgramRun.Require("cp", ["--sparse=always", .. files, folder]);
        return new(
            Path.Combine(folder, Path.GetFileName(images.Data)),
            images.Log is null ? null : Path.Combine(folder, Path.GetFileName(images.Log)));
    }

    /// <summary>To the test's output, and to a file, which ./test shows.</summary>
    private void Tell(string line)
    {
        output.WriteLine(line);
        string folder = Checkout.PathOf("out");
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, "crashes.txt"), line + "\n");
    }

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
