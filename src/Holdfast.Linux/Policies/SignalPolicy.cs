// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures.Impacts;

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
    public string Name => "signal";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public string Describe(Rule rule) => $"send {rule.Signal} to the processes that have the lost bytes in memory";

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        Found found = await FindAsync(request, cancellationToken);
        if (found.Permitted is null) return found.End!;
        cancellationToken.ThrowIfCancellationRequested();
        ProcessSignal.Outcome sent = ProcessSignal.Send(
            roots, SignalNames.NumberOf(request.Rule.Signal), found.Permitted, found.Users);
        DeliveryState state = sent.Told.Count > 0 ? DeliveryState.Done
            : sent.IsRefused ? DeliveryState.Dead
            : DeliveryState.Ignored;
        return Said(state, sent.Text(request.Rule.Signal) + found.Unsure);
    }

    public async Task<string?> RehearseAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        Found found = await FindAsync(request, cancellationToken);
        if (found.Permitted is null) return found.End!.Detail;
        string text = ProcessSignal.Rehearse(found.Permitted, found.Users).Text(request.Rule.Signal);
        return Said(DeliveryState.Ignored, text + found.Unsure).Detail;
    }

    /// <summary>Who would be told.</summary>
    /// <param name="Permitted">Null where nobody: the end says why.</param>
    private sealed record Found(
        PermittedProcesses? Permitted, IReadOnlyDictionary<int, ProcessUse> Users, string Unsure, PolicyOutcome? End);

    private async Task<Found> FindAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        var users = new Dictionary<int, ProcessUse>();
        var gaps = new SortedSet<string>();
        foreach (Notice notice in request.Notices)
        {
            LostBytesUsers found;
            try
            {
                found = await find(notice, cancellationToken);
            }
            catch (IOException fault)
            {
                // Nothing was sent yet: that is told as such (C7).
                return new(null, users, "", Said(DeliveryState.Failed, fault.Message));
            }

            if (found.Gap is { } gap) gaps.Add(gap);
            foreach (ProcessUse use in found.Users.Where(use => use.MapsLostBytes)) users[use.ProcessId] = use;
        }

        string unsure = gaps.Count == 0 ? "" : $"; {string.Join("; ", gaps)}";
        if (users.Count == 0)
        {
            string nobody = $"no process has the bytes in memory{unsure}";
            return new(null, users, unsure, Said(DeliveryState.Ignored, nobody));
        }

        var permitted = PermittedProcesses.Of(
            limits, [.. users.Values.Select(use => new ProcessTarget(use.ProcessId, use.Name, use.Unit))],
            Environment.ProcessId, out string? refusal);
        // Dead, so that it stands in the status until a person has looked: nothing was sent.
        return new(permitted, users, unsure, permitted is null ? Said(DeliveryState.Dead, refusal! + unsure) : null);
    }

    private static PolicyOutcome Said(DeliveryState state, string text) =>
        new(state, PlainText.Of(Encoding.UTF8.GetBytes(text)));
}
