// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// What the kernel says while it recovers a log: a tracing instance of its own with the tracepoints that give a verdict
/// for each item. The instance's clock is a counter, so that lines are in the order they were written on whatever CPU.
/// </summary>
public sealed partial class RecoveryTrace : IDisposable
{
    private const string TraceFs = "/sys/kernel/tracing";

    // A mount may write on any processor.
    private static readonly int KibibytesPerProcessor =
        Math.Clamp((192 << 10) / Environment.ProcessorCount, 8 << 10, 48 << 10);

    private static readonly string[] Events =
    [
        "xfs_log_recover", "xfs_log_recover_item_recover", "xfs_log_recover_item_reorder_head",
        "xfs_log_recover_item_reorder_tail", "xfs_log_recover_buf_not_cancel", "xfs_log_recover_buf_cancel",
        "xfs_log_recover_buf_cancel_add", "xfs_log_recover_buf_cancel_ref_inc", "xfs_log_recover_buf_recover",
        "xfs_log_recover_buf_skip", "xfs_log_recover_buf_inode_buf", "xfs_log_recover_buf_dquot_buf",
        "xfs_log_recover_buf_reg_buf", "xfs_log_recover_inode_recover", "xfs_log_recover_inode_cancel",
        "xfs_log_recover_inode_skip", "xfs_log_recover_icreate_recover", "xfs_log_recover_icreate_cancel",
        "xfs_inode_set_need_inactive", "xfs_defer_create_intent", "xfs_defer_pending_finish",
    ];

    private static int _count;
    private readonly string _instance;

    public RecoveryTrace()
    {
        if (!Directory.Exists(TraceFs + "/instances")) ProgramRun.Require("mount", "-t", "tracefs", "tracefs", TraceFs);
        _instance = $"{TraceFs}/instances/holdfast-r{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Directory.CreateDirectory(_instance);
        Put("tracing_on", "0");
        Put("trace_clock", "counter");
        Put("buffer_size_kb", $"{KibibytesPerProcessor}");
        foreach (string name in Events)
        {
            // Workers finish by the thousand what the mount itself only starts.
            if (name.StartsWith("xfs_defer", StringComparison.Ordinal))
            {
                Put($"events/xfs/{name}/filter", "COMM == \"mount\"");
            }

            Put($"events/xfs/{name}/enable", "1");
        }
    }

    /// <summary>
    /// Runs a mount, and gives the lines of its device in order: the event's name and what it prints, without the
    /// device and the addresses of items in memory.
    /// </summary>
    public T Watch<T>(Func<T> mount, Func<T, LoopDevice> deviceOf, out IReadOnlyList<string> lines)
    {
        Clear();
        Put("tracing_on", "1");
        T mounted;
        try
        {
            mounted = mount();
        }
        finally
        {
            Put("tracing_on", "0");
        }

        lines = LinesOf(deviceOf(mounted));
        Clear();
        return mounted;
    }

    /// <summary>An instance goes with its folder, which only looks full.</summary>
    public void Dispose() => ProgramRun.Require("rmdir", _instance);

    /// <summary>What empties the buffer is the opening, not a write: .NET truncates later.</summary>
    private unsafe void Clear()
    {
        fixed (byte* path = Encoding.UTF8.GetBytes($"{_instance}/trace\0"))
        {
            int fd = Posix.Require(Posix.OpenAt(-1, path, Posix.O_RDWR | Posix.O_TRUNC, 0), "open trace");
            _ = Posix.Close(fd);
        }
    }

    private void Put(string file, string text) => File.WriteAllText($"{_instance}/{file}", text);

    private List<string> LinesOf(LoopDevice device)
    {
        string number = File.ReadAllText($"/sys/class/block/{Path.GetFileName(device.Path)}/dev").Trim();
        var lines = new List<string>();
        foreach (string line in File.ReadLines(_instance + "/trace"))
        {
            Match count = Count().Match(line);
            if (count.Success && count.Groups[1].Value != count.Groups[2].Value)
            {
                throw new InvalidOperationException($"the trace buffer is too small: {line}");
            }

            Match match = Line().Match(line);
            if (!match.Success || match.Groups["device"].Value != number) continue;
            lines.Add($"{match.Groups["event"].Value} {Address().Replace(match.Groups["rest"].Value, "")}");
        }

        return lines;
    }

    [GeneratedRegex(@"^\s*\S.*?\s\d+: xfs_(?<event>\w+): dev (?<device>\d+:\d+) (?<rest>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"entries-in-buffer/entries-written: (\d+)/(\d+)")]
    private static partial Regex Count();

    [GeneratedRegex(@" item [0-9a-fx]+,")]
    private static partial Regex Address();
}
