// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// The last step, and the only one that gives out an <see cref="XfsVolume"/>: what the reverse map, paths and impacts
/// are made from. The log is recovered in memory, or its absence is said with every answer.
/// </summary>
public sealed class RecoveredVolume
{
    internal RecoveredVolume(XfsVolume volume, StructuresReady ready, RecoveryDepth view)
    {
        Volume = volume;
        Ready = ready;
        View = view;
    }

    /// <summary>The filesystem as this view has it.</summary>
    public XfsVolume Volume { get; }

    /// <summary>The step before: the log's ends, and the device.</summary>
    public StructuresReady Ready { get; }

    public RecoveryDepth View { get; }

    public LogState Log => Ready.Log;

    /// <summary>Null where nothing was replayed.</summary>
    public RecoveredLog? Replayed { get; internal init; }

    /// <summary>Distinct inodes that replay took from the log; null where it took none.</summary>
    public int? InodesInLog { get; internal init; }

    public FinishedRecovery Finished { get; internal init; } = FinishedRecovery.Nothing;

    /// <summary>Recovery was passed over on request: nothing here is more than a guess at what a mount would
    /// show.</summary>
    public bool IsDegraded { get; internal init; }

    /// <summary>Where recovery stopped, if it was tried and could not be done.</summary>
    public Fault? Stopped { get; internal init; }

    /// <summary>Recovery met obstacles at which a mount fails, and went on without what they stand for.</summary>
    public IReadOnlyList<Fault> Obstacles => Replayed is null ? [] : [.. Replayed.Obstacles, .. Finished.Faults];

    /// <summary>What recovery could not free: a mount leaves it behind as well.</summary>
    public IReadOnlyList<Fault> Leaks => Finished.Leaks;

    /// <summary>Does what is read here lack anything that the log would have added?</summary>
    public bool IsComplete => !IsDegraded && Obstacles.Count == 0 && Leaks.Count == 0
        && Log.Kind is not (LogStateKind.NotSupplied or LogStateKind.Damaged)
        && (Log.Kind != LogStateKind.Dirty || Replayed is not null);
}
