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
        if (fault.IsNone) return new LogEnds(new LogBlocks(source, place)).Find();
        Fault where = fault.At(place.Device, place.Offset, Math.Max(0, place.Length), "log");
        return new() { Kind = LogStateKind.Damaged, Faults = [where] };
    }
}
