// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>What a report rests on.</summary>
public enum ReportBasis
{
    /// <summary>An error that somebody met: more bytes may be blamed than are lost.</summary>
    Error,

    /// <summary>A list: a finished scan, a badblocks file, a rescue map.</summary>
    List,

    /// <summary>Somebody says so.</summary>
    Claim,

    /// <summary>Root's own careful reading, sector by sector: it confirms or dismisses what was suspect (C9).</summary>
    Probe,

    /// <summary>
    /// A device read through, carefully: as a list, known bytes are left in peace; as a probe, what reads was never
    /// lost.
    /// </summary>
    Scan,
}

/// <summary>Ranges of one device that a producer says are bad.</summary>
public sealed record Report
{
    /// <summary>Given by the producer: the same key again is the same report.</summary>
    public required string Key { get; init; }

    /// <summary>Who says so, as in "kernel-log", "scan", "user:0".</summary>
    public required string Source { get; init; }

    /// <summary>When it was seen, by the producer's clock; only ever shown, never sorted by.</summary>
    public DateTimeOffset? Time { get; init; }

    public required DeviceIdentity Device { get; init; }

    public FailureKind Kind { get; init; }

    /// <summary>Confirmed only where root's own probe read the bytes (C9); Readable takes a medium fact back.</summary>
    public MediumState Medium { get; init; } = MediumState.Suspect;

    public required ReportBasis Basis { get; init; }

    /// <summary>Whether the list names all bad bytes of its scope, so that others in it read again (C8).</summary>
    public bool IsComplete { get; init; }

    /// <summary>The bytes that a complete list speaks of; null: the whole device.</summary>
    public ByteRange? Scope { get; init; }

    /// <summary>Of the scope, the bytes that were looked at: nothing is said of others; null: all.</summary>
    public ByteRangeSet? Looked { get; init; }

    /// <summary>
    /// When somebody began to look, by the ledger's clock: what was heard of since may be newer than the look, and a
    /// complete list does not take it back.
    /// </summary>
    public DateTimeOffset? LookedFrom { get; init; }

    public required ByteRangeSet Ranges { get; init; }
}

/// <summary>What became of a report.</summary>
/// <param name="Sequence">The ledger's last history number with it.</param>
/// <param name="IsDuplicate">The key was known: this is the first report's answer.</param>
/// <param name="Failures">The failures that hold its bytes now, by id.</param>
public sealed record ReportReceipt(long Sequence, bool IsDuplicate, IReadOnlyList<FailureRevision> Failures)
{
    /// <summary>Whether anybody answers for any of its device's bytes, so that there may be something to
    /// resolve.</summary>
    internal bool IsHeld { get; init; }
}

public readonly record struct FailureRevision(Guid Id, long Revision);
