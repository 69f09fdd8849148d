// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Holdfast.Bench.Measures;

/// <summary>
/// Times whole processes with hyperfine, and their memory with GNU time. The peer's and ours the same way.
/// </summary>
/// <param name="firm">Run under a realtime priority, so that a busy machine disturbs less.</param>
internal sealed class Stopwatches(bool firm)
{
    private const string DropCaches = "sync; echo 3 > /proc/sys/vm/drop_caches";

    private readonly string _priority = firm ? "chrt -r 10 " : "";

    /// <summary>Without a shell; the exit status is not looked at, for an answer has one of its own.</summary>
    /// <param name="command">Words with blanks in them stand in single quotes.</param>
    public Timing Time(string command, int runs, bool cold)
    {
        string stem = Path.Combine(Path.GetTempPath(), $"holdfast-bench-{Environment.ProcessId}");
        string times = stem + ".json";
        string memory = stem + ".memory";
        File.Delete(memory);
        List<string> arguments =
            ["-N", "--ignore-failure", "--style", "none", "--runs", Text(runs), "--export-json", times];
        if (cold) arguments.AddRange(["--prepare", $"sh -c '{DropCaches}'"]);
        else arguments.AddRange(["--warmup", "1"]);
        Run("hyperfine", [.. arguments, $"{_priority}/usr/bin/time -q -a -o {memory} -f %M {command}"]);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(times));
        JsonElement seconds = document.RootElement.GetProperty("results")[0].GetProperty("times");
        long peak = File.ReadLines(memory).Max(l => long.Parse(l, CultureInfo.InvariantCulture) << 10);
        File.Delete(times);
        File.Delete(memory);
        return Timing.Of([.. seconds.EnumerateArray().Select(t => t.GetDouble())], peak);
    }

    /// <summary>Times a <see cref="RangeReader"/> in a process of its own.</summary>
    public Timing TimeReading(string path, string rangesPath, int runs, bool cold)
    {
        string command = $"{_priority}{Environment.ProcessPath} read {path} {rangesPath} ";
        var seconds = new List<double>();
        for (int i = 0; cold && i < runs; i++) seconds.AddRange(Numbers(Output($"{DropCaches}; {command} 1")));
        if (!cold) seconds.AddRange(Numbers(Output(command + Text(runs + 1))).Skip(1)); // the first warms the cache
        return Timing.Of(seconds, 0);
    }

    /// <summary>Runs a command once, by the shell, for what it says on stdout.</summary>
    public static string Output(string command) => Run("sh", ["-c", $"{{ {command} ; }} 2> /dev/null; true"]);

    private static IEnumerable<double> Numbers(string lines) => lines
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l, CultureInfo.InvariantCulture));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"no {program}");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program}: exit status {process.ExitCode}");
    }
}
