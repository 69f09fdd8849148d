// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Programs;

/// <summary>Another process, stopped between two system calls: what it has asked of its disk is answered.</summary>
public static class PausedProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns when all its threads have stopped.</summary>
    public static void Stop(int process)
    {
        Posix.Require(Posix.Kill(process, Posix.SIGSTOP), "kill");
        for (var waited = Stopwatch.StartNew(); !IsStopped(process); Thread.Sleep(1))
        {
            if (waited.Elapsed > Patience) throw new InvalidOperationException($"{process} does not stop");
        }
    }

    public static void GoOn(int process) => Posix.Require(Posix.Kill(process, Posix.SIGCONT), "kill");

    /// <summary>A thread that waits for a disk has not stopped until the disk has answered.</summary>
    private static bool IsStopped(int process) => Directory.GetDirectories($"/proc/{process}/task").All(thread =>
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        return stat[stat.LastIndexOf(')') + 2] == 'T';
    });
}
