// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Core.Policies;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Policies;

/// <summary>
/// A signal to processes that were found: by a descriptor of each, so that no other of its number is ever hit.
/// </summary>
internal static class ProcessSignal
{
    private const int NamesShownMax = 20;

    /// <summary>Who was told, and who was not and why.</summary>
    internal sealed record Outcome(IReadOnlyList<string> Told, IReadOnlyList<string> Left, bool IsRefused)
    {
        /// <summary>"SIGBUS to 12 db; not to 13 cat (ended)".</summary>
        internal string Text(string signal) =>
            $"{signal} to {Names(Told)}" + (Left.Count > 0 ? $"; not to {Names(Left)}" : "");
    }

    internal static Outcome Send(
        KernelRoots roots, int signal, PermittedProcesses permitted, IReadOnlyDictionary<int, ProcessUse> users) =>
        Tell(permitted, users, use => Send(roots, use, signal));

    /// <summary>Who would be told.</summary>
    internal static Outcome Rehearse(
        PermittedProcesses permitted, IReadOnlyDictionary<int, ProcessUse> users) => Tell(permitted, users, _ => null);

    private static Outcome Tell(
        PermittedProcesses permitted, IReadOnlyDictionary<int, ProcessUse> users, Func<ProcessUse, string?> send)
    {
        var told = new List<string>();
        var left = new List<string>(permitted.Spared.Select(at => $"{at.ProcessId} {at.Name} (protected)"));
        bool isRefused = false;
        foreach (ProcessTarget target in permitted.Processes)
        {
            ProcessUse use = users[target.ProcessId];
            string? obstacle = use.IsCertain ? send(use) : "not certain";
            if (obstacle is null) told.Add($"{use.ProcessId} {use.Name}");
            else left.Add($"{use.ProcessId} {use.Name} ({obstacle})");
            isRefused |= obstacle is not null and not "ended";
        }

        return new(told, left, isRefused);
    }

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "nobody"
        : string.Join(", ", names.Take(NamesShownMax))
            + (names.Count > NamesShownMax ? $" and {names.Count - NamesShownMax} more" : "");

    /// <returns>Why it was not sent; null where it was.</returns>
    private static string? Send(KernelRoots roots, ProcessUse use, int signal)
    {
        using ProcessDescriptor process = ProcessDescriptor.Open(use.ProcessId);
        if (!process.IsOpen) return Marshal.GetLastPInvokeError() == Native.ESRCH ? "ended" : "no descriptor of it";
        // The descriptor is of whoever has the number now: of the one that was found only if it began then.
        if (ProcessIdentity.StartOf(roots, use.ProcessId) != use.StartTime) return "ended";
        return process.Send(signal) switch
        {
            0 => null,
            Native.ESRCH => "ended",
            var error => Marshal.GetPInvokeErrorMessage(error),
        };
    }
}
