// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Linux.Processes;

namespace Holdfast.Linux.Policies;

/// <summary>What a notice's lost bytes are on a mounted filesystem now, with who uses them.</summary>
/// <param name="Mount">Null where none is mounted.</param>
/// <param name="Gap">Why this may be less than all.</param>
public sealed record LostContent(Mount? Mount, bool HasRmapbt, IReadOnlyList<Impact> Impacts, string? Gap);

/// <summary>
/// Does what Linux itself would have done, had the device told its holder of the failure: signals, a shutdown, or
/// nothing. For comparison, and for those who want it so; the bounds of everything that acts hold. At most once.
/// </summary>
/// <param name="find">Asks the kernel.</param>
/// <param name="own">What of ours lies on a mount's filesystem; null where nothing does.</param>
/// <param name="shutDown">Shuts a mount's filesystem down; an IOException where it could not.</param>
public sealed class KernelPolicy(
    ActingLimits limits, KernelRoots roots, Func<Notice, CancellationToken, Task<LostContent>> find,
    Func<Mount, string?> own, Action<Mount> shutDown) : IPolicy
{
    private const string Signal = "SIGBUS";

    public string Name => "kernel";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public string Describe(Rule rule) =>
        $"do what Linux {KernelOf(roots)} would have done: SIGBUS to who asked for it, a shutdown, or nothing";

    /// <summary>As the daemon has it.</summary>
    public static KernelPolicy Real(
        ActingLimits limits, Func<Notice, CancellationToken, Task<LostContent>> find, Func<OwnFilesystems> own) =>
        new(limits, KernelRoots.Real, find, mount => own().Find(mount.Device), FilesystemShutdown.ShutDown);

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        (Decision decision, PolicyOutcome? end) = await DecideAsync(request, cancellationToken);
        if (end is not null) return end;
        cancellationToken.ThrowIfCancellationRequested();
        return Do(decision);
    }

    public async Task<string?> RehearseAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        (Decision decision, PolicyOutcome? end) = await DecideAsync(request, cancellationToken);
        if (end is not null || (end = ObstacleTo(decision, out PermittedProcesses? permitted)) is not null)
        {
            return end.Detail;
        }

        var all = new List<string>();
        if (decision.Signals.Count > 0)
        {
            all.Add(ProcessSignal.Rehearse(permitted!, decision.Signals).Text(Signal));
        }

        all.AddRange(decision.Shutdowns.Values.Select(mount => $"{mount.MountPoint} shut down"));
        return Said(DeliveryState.Ignored, string.Join("; ", all) + decision.Text).Detail;
    }

    /// <returns>With an end where it cannot be decided.</returns>
    private async Task<(Decision Decision, PolicyOutcome? End)> DecideAsync(
        PolicyRequest request, CancellationToken cancellationToken)
    {
        var decision = new Decision();
        if (!limits.Enabled)
        {
            return (decision, Said(DeliveryState.Dead, "acting is not turned on (acting.enabled)"));
        }

        foreach (Notice notice in request.Notices)
        {
            if (notice.Medium != MediumState.Confirmed)
            {
                decision.Notes.Add("what is not confirmed is left alone");
                continue;
            }

            try
            {
                LostContent found = await find(notice, cancellationToken);
                decision.Add(KernelReaction.Of(QuestionOf(found)), found);
            }
            catch (IOException fault)
            {
                // Nothing has been done yet (C7).
                return (decision, Said(DeliveryState.Failed, fault.Message));
            }
        }

        return (decision, null);
    }

    internal KernelQuestion QuestionOf(LostContent found) => new(
        KernelOf(roots), found.Mount is not null, found.HasRmapbt, IsEarlyKill(roots),
        [.. found.Impacts.OrderBy(impact => impact.Physical).Select(impact => new KernelHit(
            impact, [.. impact.Processes.Where(use => use.Mapped.Count > 0).Select(MapperOf)]))]);

    private KernelMapper MapperOf(ProcessUse use) => new(
        use, MachineCheckFlags.Read(roots, use.ProcessId), MappedPages.Read(roots, use.ProcessId, use.Mapped));

    /// <summary>Why nothing of it is done; null where it is.</summary>
    private PolicyOutcome? ObstacleTo(Decision decision, out PermittedProcesses? permitted)
    {
        permitted = null;
        // All that forbids any part of it forbids the whole: half of what Linux does compares with nothing.
        if (decision.Shutdowns.Values.Select(mount => (mount, own(mount))).FirstOrDefault(at => at.Item2 is not null)
            is ({ } guarded, { } what))
        {
            return Said(
                DeliveryState.Dead,
                $"Linux would shut {guarded.MountPoint} down, and {what} lies there: left to a person");
        }

        permitted = PermittedProcesses.Of(
            limits, [.. decision.Signals.Values.Select(use => new ProcessTarget(use.ProcessId, use.Name, use.Unit))],
            Environment.ProcessId, out string? refusal);
        if (permitted is null) return Said(DeliveryState.Dead, refusal! + decision.Text);
        return decision.Signals.Count == 0 && decision.Shutdowns.Count == 0
            ? Said(DeliveryState.Ignored, $"Linux would do nothing{decision.Text}")
            : null;
    }

    private PolicyOutcome Do(Decision decision)
    {
        if (ObstacleTo(decision, out PermittedProcesses? permitted) is { } obstacle) return obstacle;
        ProcessSignal.Outcome sent = ProcessSignal.Send(
            roots, SignalNames.NumberOf(Signal), permitted!, decision.Signals);
        var done = new List<string>();
        if (decision.Signals.Count > 0) done.Add(sent.Text(Signal));
        bool isRefused = sent.IsRefused;
        foreach (Mount mount in decision.Shutdowns.Values) done.Add(ShutDown(mount, ref isRefused));
        return Said(
            isRefused ? DeliveryState.Dead
                : sent.Told.Count > 0 || decision.Shutdowns.Count > 0 ? DeliveryState.Done
                : DeliveryState.Ignored,
            string.Join("; ", done) + decision.Text);
    }

    private string ShutDown(Mount mount, ref bool isRefused)
    {
        try
        {
            shutDown(mount);
            return $"{mount.MountPoint} shut down";
        }
        catch (IOException fault)
        {
            isRefused = true;
            return $"{mount.MountPoint} not shut down: {fault.Message}";
        }
    }

    private static PolicyOutcome Said(DeliveryState state, string text) =>
        new(state, PlainText.Of(Encoding.UTF8.GetBytes(text)));

    /// <summary>"6.12.107-generic" is 6.12; 0.0 where it does not say.</summary>
    private static Version KernelOf(KernelRoots roots)
    {
        string[] parts = Text(roots, "sys/kernel/osrelease").Split('.', '-', '+');
        return parts.Length > 1 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int minor) && major >= 0 && minor >= 0
            ? new(major, minor)
            : new(0, 0);
    }

    /// <summary>A kernel without the file cannot poison memory: nobody is told early there.</summary>
    private static bool IsEarlyKill(KernelRoots roots) =>
        Text(roots, "sys/vm/memory_failure_early_kill").Trim() == "1";

    private static string Text(KernelRoots roots, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(roots.Proc, name));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>All that is to be done for a request.</summary>
    private sealed class Decision
    {
        internal SortedDictionary<int, ProcessUse> Signals { get; } = [];

        internal Dictionary<string, Mount> Shutdowns { get; } = [];

        internal SortedSet<string> Notes { get; } = [];

        internal string Text => string.Concat(Notes.Select(note => $"; {note}"));

        internal void Add(KernelAnswer answer, LostContent found)
        {
            foreach (ProcessUse use in answer.Signals) Signals[use.ProcessId] = use;
            if (answer.ShutsDown && found.Mount is { } mount) Shutdowns[mount.Device.ToString()] = mount;
            if (answer.Note is { } note) Notes.Add(note);
            if (answer.Errno != 0) Notes.Add($"it would answer {NameOf(answer.Errno)}");
            if (found.Gap is { } gap) Notes.Add(gap);
        }

        private static string NameOf(int errno) => errno switch
        {
            Interop.Native.EUCLEAN => "EUCLEAN",
            Interop.Native.EBUSY => "EBUSY",
            Interop.Native.EAGAIN => "EAGAIN",
            Interop.Native.EOPNOTSUPP => "EOPNOTSUPP",
            _ => $"errno {errno}",
        };
    }
}
