// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes;

namespace Holdfast.Bench.Processes;

/// <summary>
/// ./bench --processes: who uses a range of a file, beside lsof and fuser, in turns. Every hundredth process runs the
/// file (it is a program, so that it is mapped), every other hundredth has it open; each has four more descriptors.
/// </summary>
internal static class ProcessBench
{
    private const int UserEvery = 100;

    internal static void Run(string folder, int processes, int rounds, TextWriter output)
    {
        string file = Path.Combine(folder, "program");
        File.Copy("/bin/sleep", file, overwrite: true);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        FileIdentity identity = FileIdentity.Of(file)!.Value;
        // A page in the middle: who only opens it is told from who maps it.
        var lost = new LostFile(identity.LiesOn, identity.Inode, ByteRangeSet.From([new(8192, 4096)]));
        using Process crowd = Start(file, processes);
        try
        {
            var ours = new List<double>();
            var lsof = new List<double>();
            var fuser = new List<double>();
            int[] found = [];
            int[] byLsof = [];
            int[] byFuser = [];
            for (int i = 0; i <= rounds; i++)
            {
                double own = Time(() => found =
                    [.. FileUsers.Find([lost], KernelRoots.Real).Users[0].Select(use => use.ProcessId)]);
                double peer = Time(() => byLsof = Numbers("lsof", "-t", file));
                double other = Time(() => byFuser = Numbers("fuser", file));
                // The first round warms up.
                if (i == 0) continue;
                ours.Add(own);
                lsof.Add(peer);
                fuser.Add(other);
            }

            string count = processes.ToString("#,0", CultureInfo.InvariantCulture);
            output.WriteLine(
                $"users of a file among {count} processes, descriptors included; {rounds} rounds, median (least)");
            Row(output, "holdfast", ours, null, 0);
            Row(output, "lsof", lsof, ours, 8);
            Row(output, "fuser", fuser, ours, 4);
            bool isSame = found.Order().SequenceEqual(byLsof.Order()) && found.Order().SequenceEqual(byFuser.Order());
            output.WriteLine(isSame
                ? $"All three name the same {found.Length} processes."
                : $"DISAGREE: {found.Length}, lsof {byLsof.Length}, fuser {byFuser.Length}");
        }
        finally
        {
            // By the shell's own children: a tree is too slow to be gathered process by process.
            using (Process killer = Process.Start("pkill", ["-KILL", "-P", $"{crowd.Id}"])) killer.WaitForExit();
            crowd.Kill();
        }
    }

    private static Process Start(string file, int processes)
    {
        string script = $$"""
            for ((i = 0; i < {{processes}}; i++)); do
                if ((i % {{UserEvery}} == 0)); then '{{file}}' 1000 < /dev/null &
                elif ((i % {{UserEvery}} == 1)); then sleep 1000 5< '{{file}}' < /dev/null &
                else sleep 1000 5< /etc/passwd 6< /etc/group 7< /etc/hosts 8< /etc/fstab < /dev/null &
                fi
            done
            echo ready
            wait
            """;
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true };
        Process crowd = Process.Start(start)!;
        crowd.StandardOutput.ReadLine();
        Thread.Sleep(TimeSpan.FromSeconds(2));
        return crowd;
    }

    private static int[] Numbers(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        // fuser writes names to stderr, and the letters of the use behind each number.
        _ = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return
        [
            .. text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(word =>
                int.Parse(word.TrimEnd('e', 'f', 'F', 'm', 'r', 'c'), CultureInfo.InvariantCulture)).Distinct(),
        ];
    }

    private static double Time(Action work)
    {
        long started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static void Row(TextWriter output, string name, List<double> times, List<double>? ours, double goal)
    {
        double median = times.Order().ElementAt(times.Count / 2);
        string line = string.Create(CultureInfo.InvariantCulture, $"{name,-10}{median,7:0} ms ({times.Min():0})");
        if (ours is not null)
        {
            double ratio = median / ours.Order().ElementAt(ours.Count / 2);
            line += string.Create(
                CultureInfo.InvariantCulture, $"  {ratio:0.0}×  goal {goal:0}×  {(ratio >= goal ? "met" : "NOT MET")}");
        }

        output.WriteLine(line);
    }
}
