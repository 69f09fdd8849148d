// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;

namespace Holdfast.Core.Policies;

/// <summary>A process that has lost bytes in its hands.</summary>
/// <param name="Unit">The systemd unit it belongs to; null where none is known.</param>
public sealed record ProcessTarget(int ProcessId, string Name, string? Unit);

/// <summary>
/// Processes that may be acted on (C14). Whatever signals or stops a process asks for this and not for a list of
/// processes, so that the limits cannot be forgotten: there is no other way to one than through them.
/// </summary>
public sealed class PermittedProcesses
{
    private PermittedProcesses(IReadOnlyList<ProcessTarget> processes, IReadOnlyList<ProcessTarget> spared)
    {
        Processes = processes;
        Spared = spared;
    }

    public IReadOnlyList<ProcessTarget> Processes { get; }

    /// <summary>Of a protected unit, or what nobody may touch: told of, and left alone.</summary>
    public IReadOnlyList<ProcessTarget> Spared { get; }

    /// <param name="own">This process.</param>
    /// <param name="refusal">Why none may be acted on; null where some may.</param>
    /// <returns>Null where a person has to decide.</returns>
    public static PermittedProcesses? Of(
        ActingLimits limits, IReadOnlyList<ProcessTarget> targets, int own, out string? refusal)
    {
        ProcessTarget[] distinct = [.. targets.DistinctBy(target => target.ProcessId)];
        // Spared ones count too: that so many have it says that this is no matter for a machine.
        refusal = !limits.Enabled ? "acting is not turned on (acting.enabled)"
            : distinct.Length > limits.ProcessesMax
                ? $"{distinct.Length} processes have it, more than acting.max_processes ({limits.ProcessesMax})"
                : null;
        if (refusal is not null) return null;
        ILookup<bool, ProcessTarget> spared = distinct.ToLookup(target => IsSpared(limits, target, own));
        return new([.. spared[false]], [.. spared[true]]);
    }

    /// <summary>
    /// init, kthreadd, this daemon, and the units that the configuration names. Where it names some, what belongs to
    /// nobody knows which might be one of them.
    /// </summary>
    private static bool IsSpared(ActingLimits limits, ProcessTarget target, int own)
    {
        if (target.ProcessId <= 2 || target.ProcessId == own) return true;
        if (target.Unit is not { } unit) return limits.ProtectedUnits.Count > 0;
        return limits.Protects(unit);
    }
}
