// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>What a mount did: whether it succeeded, and the ends of the log if it began to replay.</summary>
internal readonly record struct MountVerdict(bool Mounted, long? Head, long? Tail);

/// <summary>
/// The kernel's own word on a log: a tracing instance in which <c>xfs_log_recover</c> prints head and tail of every log
/// that a mount is about to replay.
/// </summary>
internal sealed partial class LogMountTrace : IDisposable
{
    private const string TraceFs = "/sys/kernel/tracing";
    private static int _count;
    private readonly Scratch _scratch;
    private readonly string _instance;

    internal LogMountTrace(Scratch scratch)
    {
        _scratch = scratch;
        if (!Directory.Exists(TraceFs + "/instances")) ProgramRun.Require("mount", "-t", "tracefs", "tracefs", TraceFs);
        _instance = $"{TraceFs}/instances/holdfast-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Directory.CreateDirectory(_instance);
        File.WriteAllText(_instance + "/events/xfs/xfs_log_recover/enable", "1");
    }

    /// <summary>Mounts read-only, which replays all the same, and unmounts.</summary>
    internal MountVerdict Mount(LoopDevice data, LoopDevice? log = null)
    {
        string point = _scratch.PathOf("mnt-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(point);
        string options = log is null ? "ro,nouuid" : $"ro,nouuid,logdev={log.Path}";
        // Emptied, not counted: lines are ordered by clocks of several processors, and other tests mount too.
        File.WriteAllText(_instance + "/trace", "");
        ProgramRun mount = ProgramRun.Start("mount", null, "-t", "xfs", "-o", options, data.Path, point);
        string name = File.ReadAllText($"/sys/class/block/{Path.GetFileName(data.Path)}/dev").Trim();
        string? line = File.ReadLines(_instance + "/trace").LastOrDefault(l => l.Contains($"dev {name} "));
        Match found = Ends().Match(line ?? "");
        if (mount.ExitStatus == 0) ProgramRun.Require("umount", point);
        Directory.Delete(point);
        return new(
            mount.ExitStatus == 0,
            found.Success ? long.Parse(found.Groups[1].ValueSpan, NumberStyles.HexNumber, null) : null,
            found.Success ? long.Parse(found.Groups[2].ValueSpan, NumberStyles.HexNumber, null) : null);
    }

    /// <summary>An instance goes with its folder, which only looks full.</summary>
    public void Dispose() => ProgramRun.Require("rmdir", _instance);

    [GeneratedRegex("headblk 0x([0-9a-f]+) tailblk 0x([0-9a-f]+)")]
    private static partial Regex Ends();
}
