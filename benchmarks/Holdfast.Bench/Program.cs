// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench.Events;
using Holdfast.Bench.Filling;
using Holdfast.Bench.Measures;
using Holdfast.Bench.Notifier;
using Holdfast.Bench.Processes;
using Holdfast.Bench.Scanning;
using Holdfast.Bench.Surveys;

namespace Holdfast.Bench;

/// <summary>The parts of ./bench that a shell is too slow for.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["fill", string mount, string inodes]:
                long started = Stopwatch.GetTimestamp();
                int made = new TreeFiller(mount, int.Parse(inodes, CultureInfo.InvariantCulture), seed: 1).Run();
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{made} inodes in {seconds:0.0} s"));
                return 0;
            case ["survey", string mount, string image, string stem]:
                Console.WriteLine(new Surveyor(mount, new FileInfo(image).Length).Run(stem));
                return 0;
            case ["read", string file, string ranges, string runs]:
                RangeReader.Run(file, ranges, int.Parse(runs, CultureInfo.InvariantCulture));
                return 0;
            case ["measure", .. string[] rest]:
                Measure(BenchOptions.Parse(rest));
                return 0;
            case ["notifier", .. string[] rest]:
                NotifierBench.RunAsync(NotifierOptions.Parse(rest), Console.Out).GetAwaiter().GetResult();
                return 0;
            case ["events", .. string[] rest]:
                EventBench.RunAsync(EventOptions.Parse(rest), Console.Out).GetAwaiter().GetResult();
                return 0;
            case ["processes", string folder, string processes, string rounds]:
                ProcessBench.Run(
                    folder, int.Parse(processes, CultureInfo.InvariantCulture),
                    int.Parse(rounds, CultureInfo.InvariantCulture), Console.Out);
                return 0;
            case ["foreground", string device, string command, string turns]:
                ForegroundBench.Run(device, command, int.Parse(turns, CultureInfo.InvariantCulture), Console.Out);
                return 0;
            default:
                Console.Error.WriteLine(
                    "holdfast-bench fill MOUNT INODES | survey MOUNT IMAGE STEM | read FILE RANGES RUNS | measure … | "
                    + "notifier … | events … | processes FOLDER PROCESSES ROUNDS | "
                    + "foreground DEVICE COMMAND TURNS");
                return 16;
        }
    }

    private static void Measure(BenchOptions options)
    {
        string load = BenchReport.LoadNow();
        var bench = new Measures.Bench(options);
        bench.Run();
        var report = BenchReport.Of(options, bench, load);
        report.Save(options.Json);
        Console.WriteLine($"{report.Processor}, {report.Processors} processors, Linux {report.Kernel}, {report.Peer}");
        Console.WriteLine($"load before {report.Load[0]}, after {report.Load[1]}");
        Console.WriteLine("Ratios compare the least disturbed run of each; \"warm\": everything is in the page cache.");
        Console.WriteLine();
        Table.Write(Console.Out, report.Rows);
        Console.WriteLine();
        foreach (string sentence in report.Disagreements) Console.WriteLine($"DISAGREE: {sentence}");
        if (report.Disagreements.Count == 0) Console.WriteLine("Every path is the peer's path.");
    }
}
