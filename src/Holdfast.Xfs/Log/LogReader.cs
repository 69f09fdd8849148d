// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>
/// Finds the head and the tail of a log exactly as a mount does, reading only. A clean log costs the blocks of a binary
/// search and of what can be in flight; a dirty one also its active part, every record of which is verified.
/// </summary>
public static class LogReader
{
    /// <param name="source">The device that the log is on; null where it is one of its own and was not given.</param>
    /// <param name="place">Where the log lies on it.</param>
    public static LogState FindState(IBlockSource? source, LogPlace place)
    {
        if (source is null) return LogState.NotSupplied;
        BlockFault fault = place.Check();
        if (!fault.IsNone)
        {
            Fault where = fault.At(place.Device, place.Offset, Math.Max(0, place.Length), "log");
            return new() { Kind = LogStateKind.Damaged, Faults = [where] };
        }

        LogState state = new LogEnds(new LogBlocks(source, place)).Find(out bool unreadable);
        return unreadable ? state with { Apparent = FindApparent(source, place) } : state;
    }

    private static LogStateKind? FindApparent(IBlockSource source, LogPlace place)
    {
        using var passing = new PassingOverSource(source, place.SectorSize);
        return new LogEnds(new LogBlocks(passing, place)).FindApparent();
    }
}
