// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Processes;

/// <summary>Which process has a number now.</summary>
internal static class ProcessIdentity
{
    /// <returns>Clock ticks after boot at which it began; null where there is none.</returns>
    internal static long? StartOf(KernelRoots roots, int process)
    {
        try
        {
            byte[] stat = File.ReadAllBytes(Path.Combine(roots.Proc, $"{process}", "stat"));
            return ProcessStat.TryParse(stat, out _, out long start) ? start : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
