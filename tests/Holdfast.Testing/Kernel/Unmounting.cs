// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Kernel;

/// <summary>umount(8) of what others may be looking at.</summary>
public static class Unmounting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Another process may hold a file for a moment: a daemon that asks the filesystem, a child that is about to exec.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is still busy after 10 seconds.</exception>
    public static void Unmount(string point)
    {
        for (var waited = Stopwatch.StartNew(); ; Thread.Sleep(50))
        {
            ProgramRun run = ProgramRun.Start("umount", null, point);
            if (run.ExitStatus == 0) return;
            if (waited.Elapsed > Patience) throw new InvalidOperationException($"{run.Command}: {run.Errors}");
        }
    }
}
