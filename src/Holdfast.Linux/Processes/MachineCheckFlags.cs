// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Linux.Policies;

namespace Holdfast.Linux.Processes;

/// <summary>
/// What a process has asked for by PR_MCE_KILL. There is no field for it, but "flags" of /proc/PID/task/TID/stat
/// (proc(5)) are the task's own: PF_MCE_PROCESS says that it has asked, PF_MCE_EARLY for what (linux/sched.h).
/// </summary>
internal static class MachineCheckFlags
{
    private const uint PF_MCE_PROCESS = 0x00000080;
    private const uint PF_MCE_EARLY = 0x08000000;

    // Behind the name: state, parent, group, session, terminal, its group.
    private const int FlagsField = 6;

    /// <summary>Of the first thread that wants to be told early; else default where one asked for nothing.</summary>
    internal static MachineCheckPolicy Read(KernelRoots roots, int process)
    {
        bool isDefault = false;
        bool isAny = false;
        try
        {
            foreach (string thread in Directory.EnumerateDirectories(Path.Combine(roots.Proc, $"{process}", "task")))
            {
                if (FlagsOf(File.ReadAllBytes(Path.Combine(thread, "stat"))) is not { } flags) continue;
                isAny = true;
                if ((flags & PF_MCE_PROCESS) == 0) isDefault = true;
                else if ((flags & PF_MCE_EARLY) != 0) return MachineCheckPolicy.Early;
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended, or a thread of it has: what was seen of it counts.
        }

        return isDefault || !isAny ? MachineCheckPolicy.Default : MachineCheckPolicy.Late;
    }

    internal static uint? FlagsOf(ReadOnlySpan<byte> stat)
    {
        int close = stat.LastIndexOf((byte)')');
        if (close < 0) return null;
        string[] fields = Encoding.ASCII.GetString(stat[(close + 1)..]).Split(
            ' ', FlagsField + 2, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > FlagsField
            && uint.TryParse(fields[FlagsField], NumberStyles.None, CultureInfo.InvariantCulture, out uint flags)
            ? flags
            : null;
    }
}
