// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>What kind of obstacle a search of the log met: it decides whether the search may go round it.</summary>
internal enum LogFaultKind
{
    None,

    /// <summary>The blocks could not be had. A mount gives up here, and so does the search.</summary>
    Unreadable,

    /// <summary>A record that cannot be one. Near the head that is what a torn write looks like.</summary>
    Corrupt,

    /// <summary>A record whose checksum disagrees: likewise.</summary>
    BadChecksum,

    /// <summary>The log contradicts itself in a way that no torn write explains.</summary>
    Inconsistent,
}

/// <summary>An obstacle and the log blocks that it covers; none where there was none.</summary>
internal readonly record struct LogFault(LogFaultKind Kind, long Block, long Count, BlockFault Why)
{
    internal static LogFault None => default;

    internal bool IsNone => Kind == LogFaultKind.None;

    /// <summary>Can a write that the crash cut short have left this?</summary>
    internal bool MayBeTornWrite => Kind is LogFaultKind.Corrupt or LogFaultKind.BadChecksum;

    internal static LogFault Corrupt(long block, BlockFault why) => new(LogFaultKind.Corrupt, block, 1, why);

    internal static LogFault Inconsistent(long block, BlockFault why) => new(LogFaultKind.Inconsistent, block, 1, why);

    internal Fault At(LogPlace place)
    {
        ByteRange bytes = place.BytesOf(Block, Count);
        return Why.At(place.Device, bytes.Offset, bytes.Length, "log");
    }
}
