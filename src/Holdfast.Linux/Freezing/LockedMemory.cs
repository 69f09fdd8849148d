// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Freezing;

/// <summary>
/// A process that must be able to go on while a filesystem is frozen: memory that has to be written back there cannot
/// be freed, so that a machine may be short of it. All it has is locked in memory, code and data, and it is the last
/// one to be killed for want of memory.
/// </summary>
internal static partial class LockedMemory
{
    private const int MCL_CURRENT = 1;
    private const int MCL_FUTURE = 2;

    /// <returns>0, or errno: EPERM or ENOMEM without the privilege (CAP_IPC_LOCK).</returns>
    internal static int Hold()
    {
        Write("/proc/self/oom_score_adj", "-1000");
        return LockAll(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Into the root of the control groups, where there is one (v2): who kills a whole group, a unit say, would else
    /// kill both that watch one another in one stroke. Where it cannot be done nothing is lost but that.
    /// </summary>
    internal static void LeaveControlGroup() => Write("/sys/fs/cgroup/cgroup.procs", "0");

    private static void Write(string path, string text)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = Native.Open(path, Native.O_WRONLY | Native.O_CLOEXEC);
        if (file.IsInvalid) return;
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        _ = Spawn.Write((int)file.DangerousGetHandle(), bytes, bytes.Length);
    }

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAll(int flags);
}
