// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Where tracefs is. systemd mounts it at boot; where nobody has, it is mounted here, as trace-cmd(1) and perf(1) do:
/// without it the kernel's log is all that tells of errors, and that is limited to ten lines in five seconds.
/// </summary>
internal static class TraceFilesystem
{
    private const string Type = "tracefs";

    /// <returns>Its root folder.</returns>
    /// <exception cref="IOException">It is not there, and cannot be mounted.</exception>
    internal static string Root(KernelRoots roots)
    {
        string root = Path.Combine(roots.Sys, "kernel/tracing");
        if (Directory.Exists(Path.Combine(root, "instances"))) return root;
        // A tree that was recorded is no place to mount something.
        if (roots != KernelRoots.Real) throw new IOException($"tracefs is not mounted at {root}");
        nuint options = Native.MS_NOSUID | Native.MS_NODEV | Native.MS_NOEXEC | Native.MS_RELATIME;
        // Two producers may come at once: who is second finds it busy, and there.
        if (Native.Mount(Type, root, Type, options, 0) != 0 && !Directory.Exists(Path.Combine(root, "instances")))
        {
            throw KernelRefusal.Last(root, "mount tracefs");
        }

        return root;
    }
}
