// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Policies;

/// <summary>Who has a notice's lost bytes in memory now, and why that may be less than all.</summary>
public sealed record LostBytesUsers(IReadOnlyList<ProcessUse> Users, string? Gap);

/// <summary>
/// Signals the processes that have lost bytes in their memory, as they are found when it comes to it: SIGBUS as a rule,
/// as the kernel does for a page that it poisons. By a descriptor of the process, so that no other of its number is
/// ever hit; never init, this daemon, what cannot be told for certain, or a protected unit; more than a few at once are
/// left to a person. At most once.
/// </summary>
/// <param name="find">Asks the kernel.</param>
public sealed class SignalPolicy(
    ActingLimits limits, KernelRoots roots, Func<Notice, CancellationToken, Task<LostBytesUsers>> find) : IPolicy
{
    private const int SYS_pidfd_send_signal = 424;
    private const int SYS_pidfd_open = 434;
    private const int NamesShownMax = 20;

    public string Name => "signal";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public string Describe(Rule rule) => $"send {rule.Signal} to the processes that have the lost bytes in memory";

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        var users = new Dictionary<int, ProcessUse>();
        var gaps = new SortedSet<string>();
        foreach (Notice notice in request.Notices)
        {
            LostBytesUsers found = await find(notice, cancellationToken);
            if (found.Gap is { } gap) gaps.Add(gap);
            foreach (ProcessUse use in found.Users.Where(use => use.MapsLostBytes)) users[use.ProcessId] = use;
        }

        string unsure = gaps.Count == 0 ? "" : $"; {string.Join("; ", gaps)}";
        if (users.Count == 0) return new(DeliveryState.Ignored, $"no process has the bytes in memory{unsure}");
        var permitted = PermittedProcesses.Of(
            limits, [.. users.Values.Select(use => new ProcessTarget(use.ProcessId, use.Name, use.Unit))],
            Environment.ProcessId, out string? refusal);
        // Dead, so that it stands in the status until a person has looked: nothing was sent.
        if (permitted is null) return new(DeliveryState.Dead, PlainText.Of(Encoding.UTF8.GetBytes(refusal! + unsure)));
        cancellationToken.ThrowIfCancellationRequested();
        return Send(request.Rule, permitted, users, unsure);
    }

    private PolicyOutcome Send(
        Rule rule, PermittedProcesses permitted, Dictionary<int, ProcessUse> users, string unsure)
    {
        var told = new List<string>();
        var left = new List<string>(permitted.Spared.Select(at => $"{at.ProcessId} {at.Name} (protected)"));
        bool isRefused = false;
        foreach (ProcessTarget target in permitted.Processes)
        {
            ProcessUse use = users[target.ProcessId];
            string? obstacle = use.IsCertain ? Send(use, SignalNames.NumberOf(rule.Signal)) : "not certain";
            if (obstacle is null) told.Add($"{use.ProcessId} {use.Name}");
            else left.Add($"{use.ProcessId} {use.Name} ({obstacle})");
            isRefused |= obstacle is not null and not "ended";
        }

        string detail = $"{rule.Signal} to {Names(told)}" + (left.Count > 0 ? $"; not to {Names(left)}" : "") + unsure;
        DeliveryState state = told.Count > 0 ? DeliveryState.Done
            : isRefused ? DeliveryState.Dead
            : DeliveryState.Ignored;
        return new(state, PlainText.Of(Encoding.UTF8.GetBytes(detail)));
    }

    private static string Names(List<string> names) => names.Count == 0 ? "nobody"
        : string.Join(", ", names.Take(NamesShownMax))
            + (names.Count > NamesShownMax ? $" and {names.Count - NamesShownMax} more" : "");

    /// <returns>Why it was not sent; null where it was.</returns>
    private string? Send(ProcessUse use, int signal)
    {
        int process = (int)Native.SystemCall(SYS_pidfd_open, use.ProcessId, 0, 0, 0);
        if (process < 0) return Ended() ?? "no descriptor of it";
        try
        {
            // The descriptor is of whoever has the number now: of the one that was found only if it began then.
            if (ProcessIdentity.StartOf(roots, use.ProcessId) != use.StartTime) return "ended";
            return Native.SystemCall(SYS_pidfd_send_signal, process, signal, 0, 0) == 0 ? null
                : Ended() ?? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Native.Close(process);
        }
    }

    private static string? Ended() => Marshal.GetLastPInvokeError() == Native.ESRCH ? "ended" : null;
}
