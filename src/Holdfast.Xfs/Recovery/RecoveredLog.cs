// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery;

/// <summary>A log after replay: what lies over the device, and what is still to be done.</summary>
public sealed class RecoveredLog
{
    internal RecoveredLog(OverlayBlockSource overlay, Geometry geometry, LogState state)
    {
        Overlay = overlay;
        Geometry = geometry;
        State = state;
    }

    /// <summary>The data device as replay has left it, in memory.</summary>
    public OverlayBlockSource Overlay { get; }

    /// <summary>As the replayed superblock has it.</summary>
    public Geometry Geometry { get; }

    /// <summary>The log's ends.</summary>
    public LogState State { get; }

    public RecoveryCounts Counts { get; internal init; } = new();

    /// <summary>Work announced and not done, in the order of the log.</summary>
    public IReadOnlyList<LoggedIntent> OpenIntents { get; internal init; } = [];

    /// <summary>Where replay could not go on: what the overlay holds is then half of what was logged.</summary>
    public Fault? Stopped { get; internal init; }

    /// <summary>Blocks that replay has to read and that cannot be had: a mount fails there.</summary>
    public IReadOnlyList<Fault> Obstacles { get; internal init; } = [];

    public bool IsWhole => Stopped is null;
}
