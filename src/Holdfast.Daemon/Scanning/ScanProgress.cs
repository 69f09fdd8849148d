// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon.Scanning;

/// <summary>What a scheduled scan is at.</summary>
internal enum ScanPhase
{
    /// <summary>For its time, or its window.</summary>
    Waiting,

    /// <summary>Its device is not there.</summary>
    NoDevice,

    Reading,
}

/// <summary>How a scheduled scan does: of one moment.</summary>
/// <param name="Device">The identity that was found; null: none yet.</param>
/// <param name="Begun">Of the round that goes on.</param>
/// <param name="ReadBytes">Of those wanted, in this round, before a restart too.</param>
/// <param name="Left">How long it will read on, at its pace since it began or went on.</param>
/// <param name="Next">When it will go on, or begin anew.</param>
/// <param name="Note">Why it reads other bytes than it was told to.</param>
internal sealed record ScanProgress(
    ScanPhase Phase, string? Device, DateTimeOffset? Begun, long ReadBytes, long WantedBytes, long BadBytes,
    TimeSpan? Left, DateTimeOffset? LastFinished, DateTimeOffset? Next, string? Note)
{
    internal static ScanProgress None { get; } =
        new(ScanPhase.Waiting, null, null, 0, 0, 0, null, null, null, null);
}
