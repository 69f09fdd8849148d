// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Replay;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery;

/// <summary>
/// Replays a log onto an overlay of the data device, in two passes as a mount does; open intents are collected, not
/// carried out. Reads only.
/// </summary>
public static class LogReplay
{
    private const DquotType AllQuotas = DquotType.User | DquotType.Group | DquotType.Project;
    private const ushort UserQuotaAccounted = 0x0001;
    private const ushort GroupQuotaAccounted = 0x0040;
    private const ushort ProjectQuotaAccounted = 0x0008;

    /// <param name="data">The data device.</param>
    /// <param name="log">The device that the log is on.</param>
    /// <param name="place">Where it lies on it.</param>
    /// <param name="state">Its ends; nothing is replayed unless it is dirty.</param>
    /// <param name="geometry">As the superblock has it before replay.</param>
    public static RecoveredLog Run(
        IBlockSource data, IBlockSource log, LogPlace place, LogState state, Geometry geometry,
        CancellationToken cancellationToken = default) =>
        Run(data, log, place, state, geometry, observer: null, wrap: null, cancellationToken);

    /// <param name="wrap">Puts a visitor round the second pass; it must hand transactions on.</param>
    internal static RecoveredLog Run(
        IBlockSource data, IBlockSource log, LogPlace place, LogState state, Geometry geometry,
        IRecoveryObserver? observer, Func<ILogVisitor, ILogVisitor>? wrap = null,
        CancellationToken cancellationToken = default)
    {
        var overlay = new OverlayBlockSource(data);
        if (state.Kind != LogStateKind.Dirty) return new(overlay, geometry, state);
        var blocks = new LogBlocks(log, place);
        var counts = new RecoveryCounts();
        var cancels = new CancelTable();
        var first = new FirstPass(cancels, counts, observer, wantsChecksums: geometry.Features.IsV5);
        LogFault fault = LogTransactions.Run(blocks, state, first, cancellationToken);
        if (TryStop(fault, first.Fault, first.FaultLsn, place, out Fault? stopped))
        {
            return new(overlay, geometry, state) { Counts = counts, Stopped = stopped };
        }

        var buffers = new RecoveryBuffers(overlay, geometry.Features.IsV5);
        DquotType quotasOn = QuotasOn(data, geometry) == DquotType.None ? DquotType.None : AllQuotas & ~first.QuotasOff;
        var second = new SecondPass(geometry, buffers, cancels, quotasOn, counts, observer);
        fault = LogTransactions.Run(blocks, state, wrap?.Invoke(second) ?? second, cancellationToken);
        second.Finish();
        counts.DoneWithoutIntent = second.Intents.DoneWithoutIntent;
        _ = TryStop(fault, second.Fault, second.FaultLsn, place, out stopped);
        return new(overlay, second.Geometry, state)
        {
            Counts = counts,
            OpenIntents = second.Intents.ToList(),
            Stopped = stopped,
            Obstacles = buffers.Obstacles,
        };
    }

    private static bool TryStop(
        LogFault log, BlockFault item, LogSequenceNumber lsn, LogPlace place, [NotNullWhen(true)] out Fault? stopped)
    {
        stopped = !log.IsNone ? log.At(place)
            : !item.IsNone ? LogFault.Corrupt(lsn.Block, item).At(place)
            : null;
        return stopped is not null;
    }

    /// <summary>
    /// A mount without options turns quota on only where a metadata directory keeps the quota files: there the
    /// superblock's flags persist.
    /// </summary>
    private static DquotType QuotasOn(IBlockSource data, Geometry geometry)
    {
        if (!geometry.Features.MetadataDirectory) return DquotType.None;
        byte[] sector = new byte[geometry.SectorSize];
        if (!data.Read(0, sector).IsNone || !Superblock.TryOpen(sector, out Superblock superblock).IsNone)
        {
            return DquotType.None;
        }

        ushort flags = superblock.QuotaFlags;
        return ((flags & UserQuotaAccounted) != 0 ? DquotType.User : 0)
            | ((flags & GroupQuotaAccounted) != 0 ? DquotType.Group : 0)
            | ((flags & ProjectQuotaAccounted) != 0 ? DquotType.Project : 0);
    }
}
