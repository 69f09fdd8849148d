// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Inodes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery;

/// <summary>What was done after replay.</summary>
/// <param name="IntentsFinished">Open intents that were carried to their end.</param>
/// <param name="InodesFreed">Unlinked inodes that were freed.</param>
/// <param name="AllocatedByRecovery">Bytes of the data device that recovery took for itself: where exactly a mount
/// would take them from is not certain (L22).</param>
/// <param name="Faults">Where a mount would fail, and this went on without.</param>
/// <param name="Leaks">What could not be freed, there or here: a mount goes on without.</param>
public sealed record FinishedRecovery(
    int IntentsFinished, int InodesFreed, ByteRangeSet AllocatedByRecovery, IReadOnlyList<Fault> Faults,
    IReadOnlyList<Fault> Leaks)
{
    /// <summary>By inode, the file block from which on everything was freed, for it lay behind the end (a mount that
    /// is read-only sometimes has no time for it).</summary>
    internal IReadOnlyDictionary<ulong, ulong> TailsFreed { get; init; } = new Dictionary<ulong, ulong>();

    public static FinishedRecovery Nothing { get; } = new(0, 0, ByteRangeSet.From([]), [], []);
}

/// <summary>Brings a replayed log to the state that a mount would leave: on the overlay, in memory.</summary>
public static class VolumeRecovery
{
    /// <summary>Carries out open intents, then frees unlinked inodes, CoW leftovers, and what was preallocated behind
    /// the end of files that intents named, as a mount does, in its order. On a log that was clean nothing is
    /// done.</summary>
    public static FinishedRecovery Finish(RecoveredLog log, CancellationToken cancellationToken = default)
    {
        if (log.State.Kind != LogStateKind.Dirty || !log.IsWhole) return FinishedRecovery.Nothing;
        XfsVolume? volume = XfsVolume.Open(log.Overlay, out BlockFault fault);
        if (volume is null)
        {
            Fault superblock = fault.At(DeviceRole.Data, 0, Superblock.SizeMin, "superblock");
            return FinishedRecovery.Nothing with { Faults = [superblock] };
        }

        var context = new FinishContext(new VolumeEditor(volume, log.Overlay));
        var tails = new TailFreeing(context, log.OpenIntents);
        var intents = new IntentFinisher(context);
        intents.Run(log.OpenIntents, cancellationToken);
        context.Groups.LogForced();
        var unlinked = new UnlinkedFreeing(context);
        unlinked.Run(cancellationToken);
        var faults = new List<Fault>(intents.Faults);
        if (volume.Features.Reflink) FreeCowLeftovers(context, faults);
        tails.Run(cancellationToken);
        return new(
            intents.Finished, unlinked.Freed, context.Editor.AllocatedByRecovery, faults,
            [.. unlinked.Faults, .. tails.Faults])
        {
            TailsFreed = tails.Freed,
        };
    }

    private static void FreeCowLeftovers(FinishContext context, List<Fault> faults)
    {
        try
        {
            context.Groups.FreeCowLeftovers();
            context.Realtime.FreeCowLeftovers();
        }
        catch (RecoveryFailure failure)
        {
            context.Editor.Rollback();
            context.Deferred.Clear();
            faults.Add(failure.Fault);
        }
    }
}
