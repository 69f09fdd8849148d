// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Cli.Targets;

/// <summary>Is the log clean? What was logged and not yet written to its place is not seen by anything else.</summary>
internal static class LogCheck
{
    /// <summary>A search goes on beside where it was: block by block, each would take a round.</summary>
    private const long ReadAhead = 1 << 20;

    /// <summary>
    /// What of the filesystem's metadata is worth reading: of a log nothing but what a mount would replay, and until
    /// that is known the blocks that the search for its ends has asked for so far. Most of a log is the past.
    /// </summary>
    public static ByteRangeSet WithoutOldLog(OpenedTarget target, LogState log, ByteRangeSet metadata)
    {
        bool isSearched = log.Kind == LogStateKind.Damaged && log.Faults.All(f => f.Field == "read");
        bool isKnown = log.Kind is LogStateKind.Clean or LogStateKind.Zeroed or LogStateKind.Dirty;
        if (target.Volume.Geometry.LogStart is null || !(isKnown || isSearched)) return metadata;
        LogPlace place = target.Recovered.Ready.LogPlace;
        var all = ByteRangeSet.From([new ByteRange(place.Offset, place.Length)]);
        var asked = ByteRangeSet.From(log.Faults.Select(f => new ByteRange(f.Offset, f.Length)));
        ByteRangeSet open = ByteRangeSet.From(asked.WidenedTo(ReadAhead).Within(all[0]));
        return metadata.Except(all).Union(open).Union(ByteRangeSet.From(log.ActiveBytes(place)));
    }

    /// <summary>Why an answer is incomplete for the log's sake; null where it is not.</summary>
    public static string? Gap(RecoveredVolume recovered) => recovered.Log.Kind switch
    {
        LogStateKind.Dirty when recovered.IsDegraded => "the log was not recovered: what lies on the device may "
            + "contradict itself, and changes in the log are not seen here",
        LogStateKind.Dirty when recovered.Replayed is null =>
            "the log is dirty and was not replayed: changes in it are not seen here",
        LogStateKind.Damaged => "the log cannot be read: whether it is clean is not known",
        LogStateKind.NotSupplied => "the log is on another device (--log-device): whether it is clean is not known",
        _ when recovered.IsDegraded => "the log was passed over (--no-recovery)",
        _ => null,
    };

    /// <summary>What was done with a dirty log; null where nothing was.</summary>
    public static string? Note(RecoveredVolume recovered)
    {
        if (recovered.Replayed is not { } replayed) return null;
        RecoveryCounts counts = replayed.Counts;
        string done = recovered.View == RecoveryDepth.Mounted
            ? $"; {Text(recovered.Finished.IntentsFinished, "open intent")} carried out, "
                + $"{Text(recovered.Finished.InodesFreed, "unlinked inode")} freed"
            : $"; {Text(replayed.OpenIntents.Count, "intent")} left open";
        return $"the log was recovered in memory: {Text(counts.Transactions, "transaction")}, "
            + $"{Text(counts.Items, "item")}{done}";
    }

    /// <summary>One word for a reader of the JSON, and for people.</summary>
    public static string Word(LogState log) => log.Kind switch
    {
        LogStateKind.Clean => "clean",
        LogStateKind.Dirty => "dirty",
        LogStateKind.Zeroed => "zeroed",
        LogStateKind.Damaged => "damaged",
        _ => "unknown",
    };

    private static string Text(long count, string what) => ByteText.Count(count, what, what + "s");
}
