// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// The third step: it is known whether the log has to be recovered. Until that is done what lies on the device may
/// contradict itself, so there is no reverse map here, nor anything that rests on one.
/// </summary>
public sealed class StructuresReady
{
    private readonly SuperblockRead _superblock;
    private readonly XfsVolume _volume;

    internal StructuresReady(SuperblockRead superblock, XfsVolume volume, IBlockSource? logSource, LogState log)
    {
        _superblock = superblock;
        _volume = volume;
        LogSource = logSource;
        Log = log;
    }

    public Geometry Geometry => _superblock.Geometry;

    public LogPlace LogPlace => _superblock.LogPlace;

    /// <summary>The data device, as it is.</summary>
    public IBlockSource Data => _superblock.Devices.Data;

    /// <summary>The device that the log is on; null where it was not given.</summary>
    public IBlockSource? LogSource { get; }

    public LogState Log { get; }

    /// <summary>Recovers the log in memory, as far as the view asks for it.</summary>
    /// <param name="why">The obstacle where it cannot be recovered.</param>
    /// <returns>Null where the log is damaged, cannot be read, or holds what is not understood.</returns>
    public RecoveredVolume? Recover(
        RecoveryDepth view, out Fault? why, CancellationToken cancellationToken = default)
    {
        why = null;
        if (view == RecoveryDepth.Disk) return new(_volume, this, view);
        if (Log.Kind == LogStateKind.Damaged)
        {
            why = Log.Faults.Count > 0 ? Log.Faults[0] : null;
            return null;
        }

        if (Log.Kind != LogStateKind.Dirty || LogSource is null) return new(_volume, this, view);
        var inodes = new LoggedInodes();
        RecoveredLog replayed = LogReplay.Run(
            _superblock.Devices.Data, LogSource, LogPlace, Log, Geometry, inodes,
            cancellationToken: cancellationToken);
        why = replayed.Stopped;
        if (why is not null) return null;
        FinishedRecovery finished = view == RecoveryDepth.Mounted
            ? VolumeRecovery.Finish(replayed, cancellationToken)
            : FinishedRecovery.Nothing;
        // Group headers, and with growfs the geometry, are other ones now.
        XfsVolume? recovered = XfsVolume.Open(replayed.Overlay, out OnDisk.BlockFault fault);
        if (recovered is null)
        {
            why = fault.At(Failures.DeviceRole.Data, 0, Geometry.SectorSize, "superblock after replay");
            return null;
        }

        return new(recovered, this, view) { Replayed = replayed, Finished = finished, InodesInLog = inodes.Count };
    }

    /// <summary>
    /// The device as it is, whatever the log holds: every answer is incomplete, and every walk is bounded, for there
    /// may be circles.
    /// </summary>
    /// <param name="why">Where recovery stopped; null where it was not tried.</param>
    public RecoveredVolume WithoutRecovery(Fault? why = null) =>
        new(_volume, this, RecoveryDepth.Disk) { IsDegraded = true, Stopped = why };
}
