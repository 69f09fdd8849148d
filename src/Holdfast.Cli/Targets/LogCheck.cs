// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Targets;

/// <summary>Is the log clean? What was logged and not yet written to its place is not seen by anything else.</summary>
internal static class LogCheck
{
    /// <summary>A search goes on beside where it was: block by block, each would take a round.</summary>
    private const long ReadAhead = 1 << 20;

    /// <param name="logDevice">The device of an external log; null where none was given.</param>
    public static LogState Run(OpenedTarget target, string? logDevice)
    {
        Geometry geometry = target.Volume.Geometry;
        LogPlace place = LogPlace.Of(geometry, target.SuperblockLsn);
        if (geometry.LogStart is not null)
        {
            if (logDevice is not null) throw InsideAlready();
            return LogReader.FindState(target.Volume.Data, place);
        }

        if (logDevice is null) return LogReader.FindState(null, place);
        using DeviceBlockSource source = TargetOpener.OpenDevice(logDevice);
        return LogReader.FindState(source, place);
    }

    private static CommandFailure InsideAlready() =>
        new("--log-device: this filesystem's log is on its own device", ExitBits.Usage);

    /// <summary>
    /// What of the filesystem's metadata is worth reading: of a log nothing but what a mount would replay, and until
    /// that is known the blocks that the search for its ends has asked for so far. Most of a log is the past.
    /// </summary>
    public static ByteRangeSet WithoutOldLog(OpenedTarget target, LogState log, ByteRangeSet metadata)
    {
        bool isSearched = log.Kind == LogStateKind.Damaged && log.Faults.All(f => f.Field == "read");
        bool isKnown = log.Kind is LogStateKind.Clean or LogStateKind.Zeroed or LogStateKind.Dirty;
        if (target.Volume.Geometry.LogStart is null || !(isKnown || isSearched)) return metadata;
        LogPlace place = LogPlace.Of(target.Volume.Geometry, target.SuperblockLsn);
        var all = ByteRangeSet.From([new ByteRange(place.Offset, place.Length)]);
        var asked = ByteRangeSet.From(log.Faults.Select(f => new ByteRange(f.Offset, f.Length)));
        ByteRangeSet open = ByteRangeSet.From(asked.WidenedTo(ReadAhead).Within(all[0]));
        return metadata.Except(all).Union(open).Union(ByteRangeSet.From(log.ActiveBytes(place)));
    }

    /// <summary>Why an answer is incomplete for the log's sake; null where it is not.</summary>
    public static string? Gap(LogState log) => log.Kind switch
    {
        LogStateKind.Dirty => "the log is dirty: changes in it that are not yet at their places are not seen here",
        LogStateKind.Damaged => "the log cannot be read: whether it is clean is not known",
        LogStateKind.NotSupplied => "the log is on another device (--log-device): whether it is clean is not known",
        _ => null,
    };

    /// <summary>One word for a reader of the JSON, and for people.</summary>
    public static string Word(LogState log) => log.Kind switch
    {
        LogStateKind.Clean => "clean",
        LogStateKind.Dirty => "dirty",
        LogStateKind.Zeroed => "zeroed",
        LogStateKind.Damaged => "damaged",
        _ => "unknown",
    };
}
