// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// A tracing instance of its own, with tracepoints of XFS. Its clock is a counter, so that lines are in the order they
/// were written on whatever CPU.
/// </summary>
public sealed partial class TraceInstance : IDisposable
{
    private const string TraceFs = "/sys/kernel/tracing";
    private static int _count;
    private readonly string _folder;

    /// <param name="kibibytesPerProcessor">The size of the buffer; a mount may write on any processor.</param>
    public TraceInstance(int kibibytesPerProcessor)
    {
        if (!Directory.Exists(TraceFs + "/instances")) ProgramRun.Require("mount", "-t", "tracefs", "tracefs", TraceFs);
        _folder = $"{TraceFs}/instances/holdfast-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Directory.CreateDirectory(_folder);
        Put("tracing_on", "0");
        Put("trace_clock", "counter");
        Put("buffer_size_kb", $"{kibibytesPerProcessor}");
    }

    /// <param name="name">As in "xfs_log_recover".</param>
    /// <param name="filter">A filter in the kernel's words, or null.</param>
    public void Enable(string name, string? filter = null)
    {
        if (filter is not null) Put($"events/xfs/{name}/filter", filter);
        Put($"events/xfs/{name}/enable", "1");
    }

    /// <summary>Empties the buffer and begins to write.</summary>
    public void Start()
    {
        Clear();
        Put("tracing_on", "1");
    }

    public void Stop() => Put("tracing_on", "0");

    /// <summary>
    /// The lines of a device in order: the event's name without its "xfs_" and what it prints behind the device.
    /// </summary>
    public List<string> LinesOf(LoopDevice device)
    {
        string number = File.ReadAllText($"/sys/class/block/{Path.GetFileName(device.Path)}/dev").Trim();
        var lines = new List<string>();
        foreach (string line in File.ReadLines(_folder + "/trace"))
        {
            Match count = Count().Match(line);
            if (count.Success && count.Groups[1].Value != count.Groups[2].Value)
            {
                throw new InvalidOperationException($"the trace buffer is too small: {line}");
            }

            Match match = Line().Match(line);
            if (!match.Success || match.Groups["device"].Value != number) continue;
            lines.Add($"{match.Groups["event"].Value} {match.Groups["rest"].Value}");
        }

        return lines;
    }

    /// <summary>What empties the buffer is the opening, not a write: .NET truncates later.</summary>
    public unsafe void Clear()
    {
        fixed (byte* path = Encoding.UTF8.GetBytes($"{_folder}/trace\0"))
        {
            int fd = Posix.Require(Posix.OpenAt(-1, path, Posix.O_RDWR | Posix.O_TRUNC, 0), "open trace");
            _ = Posix.Close(fd);
        }
    }

    /// <summary>An instance goes with its folder, which only looks full.</summary>
    public void Dispose() => ProgramRun.Require("rmdir", _folder);

    private void Put(string file, string text) => File.WriteAllText($"{_folder}/{file}", text);

    [GeneratedRegex(@"^\s*\S.*?\s\d+: xfs_(?<event>\w+): dev (?<device>\d+:\d+) (?<rest>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"entries-in-buffer/entries-written: (\d+)/(\d+)")]
    private static partial Regex Count();
}
