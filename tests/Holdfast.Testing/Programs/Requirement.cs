// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Programs;

/// <summary>What a test needs from the machine beyond .NET.</summary>
[Flags]
public enum Needs
{
    None = 0,

    /// <summary>Root, loop devices and a kernel that mounts XFS.</summary>
    MountedXfs = 1,

    /// <summary>xfsprogs on the PATH.</summary>
    Xfsprogs = 2,

    /// <summary>The newer xfsprogs of <c>tests/provision</c>.</summary>
    NewerXfsprogs = 4,

    /// <summary>Only root.</summary>
    Root = 8,
}

/// <summary>
/// Looks for what tests need. Elsewhere a test that lacks something is skipped and says why; in CI
/// (<c>HOLDFAST_CI=1</c>) it runs and fails, so that nothing is ever skipped unseen.
/// </summary>
public static class Requirement
{
    public static bool IsCi => Environment.GetEnvironmentVariable("HOLDFAST_CI") == "1";

    /// <summary>
    /// Why a test with these needs is to be skipped here; null where it can run, and always null in CI.
    /// </summary>
    public static string? WhySkip(Needs needs, params ReadOnlySpan<string> programs)
    {
        if (IsCi) return null;
        if (needs.HasFlag(Needs.Root) && Posix.EffectiveUserId() != 0) return "needs root";
        if (needs.HasFlag(Needs.MountedXfs))
        {
            if (Posix.EffectiveUserId() != 0) return "needs root";
            if (!File.Exists("/dev/loop-control")) return "needs loop devices";
            if (!KernelMountsXfs()) return "needs a kernel with XFS";
        }

        if (needs.HasFlag(Needs.Xfsprogs) && !XfsPrograms.System.IsThere) return "needs xfsprogs (tests/provision)";
        if (needs.HasFlag(Needs.NewerXfsprogs) && !XfsPrograms.Newer.IsThere)
        {
            return "needs a newer xfsprogs (tests/provision)";
        }

        foreach (string program in programs)
        {
            if (!HasProgram(program)) return $"needs {program} (tests/provision)";
        }

        return null;
    }

    public static bool HasProgram(string name)
    {
        string path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty) + ":/usr/sbin:/sbin";
        return path.Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
    }

    private static bool KernelMountsXfs()
    {
        if (File.ReadLines("/proc/filesystems").Contains("\txfs")) return true;
        return ProgramRun.Start("modprobe", null, "xfs").ExitStatus == 0;
    }
}
