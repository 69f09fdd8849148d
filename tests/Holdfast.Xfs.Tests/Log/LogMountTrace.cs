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
    private readonly Scratch _scratch;
    private readonly TraceInstance _instance = new(kibibytesPerProcessor: 256);

    internal LogMountTrace(Scratch scratch)
    {
        _scratch = scratch;
        _instance.Enable("xfs_log_recover");
    }

    /// <summary>Mounts read-only, which replays all the same, and unmounts.</summary>
    internal MountVerdict Mount(LoopDevice data, LoopDevice? log = null)
    {
        string point = _scratch.PathOf("mnt-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(point);
        string options = log is null ? "ro,nouuid" : $"ro,nouuid,logdev={log.Path}";
        _instance.Start();
        ProgramRun mount = ProgramRun.Start("mount", null, "-t", "xfs", "-o", options, data.Path, point);
        _instance.Stop();
        string? line = _instance.LinesOf(data).LastOrDefault();
        Match found = Ends().Match(line ?? "");
        if (mount.ExitStatus == 0) ProgramRun.Require("umount", point);
        Directory.Delete(point);
        return new(
            mount.ExitStatus == 0,
            found.Success ? long.Parse(found.Groups[1].ValueSpan, NumberStyles.HexNumber, null) : null,
            found.Success ? long.Parse(found.Groups[2].ValueSpan, NumberStyles.HexNumber, null) : null);
    }

    public void Dispose() => _instance.Dispose();

    [GeneratedRegex("headblk 0x([0-9a-f]+) tailblk 0x([0-9a-f]+)")]
    private static partial Regex Ends();
}
