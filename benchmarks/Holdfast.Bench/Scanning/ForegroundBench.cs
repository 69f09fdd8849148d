// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Linux.Media;

namespace Holdfast.Bench.Scanning;

/// <summary>
/// ./bench --scan, second part: one reader of single pages at random places, with a little to do between them, in turns
/// without and with a scan of the same device beside it.
/// </summary>
internal static class ForegroundBench
{
    private const int Page = 4096;
    private const double RiseMax = 0.10;
    private static readonly TimeSpan TurnLength = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(2);

    internal static void Run(string device, string command, int turns, TextWriter output)
    {
        using SectorReader reader = SectorReader.Open(device);
        var random = new Random(1);
        var alone = new List<double>();
        var beside = new List<double>();
        Turn(reader, random, []);
        for (int i = 0; i < turns; i++)
        {
            Turn(reader, random, alone);
            using Process scan = Start(command, device);
            // It has begun to read, and has seen that it is not alone.
            Turn(reader, random, [], TimeSpan.FromSeconds(1));
            Turn(reader, random, beside);
            if (scan.HasExited) output.WriteLine("the scan ended too early: what follows says nothing");
            scan.Kill(entireProcessTree: true);
            scan.WaitForExit();
        }

        double before = Median(alone);
        double after = Median(beside);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a reader of {Page} bytes, each read 5 ms longer; {turns} turns of {TurnLength.TotalSeconds} s each"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"alone         median {before:0.000} ms of {alone.Count} reads"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"beside a scan median {after:0.000} ms of {beside.Count} reads"));
        double rise = (after / before) - 1;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"rise {100 * rise:0.0} %, goal <= {100 * RiseMax:0} %, {(rise <= RiseMax ? "MET" : "NOT MET")}"));
    }

    private static Process Start(string command, string device) => Process.Start(
        new ProcessStartInfo(command, ["scan", device])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    private static void Turn(SectorReader reader, Random random, List<double> times, TimeSpan? length = null)
    {
        var turn = Stopwatch.StartNew();
        while (turn.Elapsed < (length ?? TurnLength))
        {
            long started = Stopwatch.GetTimestamp();
            int got = reader.Read(random.NextInt64(reader.Length / Page) * Page, Page, out int errno);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (got != Page) throw new IOException($"{reader.Name}: error {errno}");
            Thread.Sleep(Between);
        }
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
