// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Records;

/// <summary>Why there is a notice.</summary>
public enum NoticeCause
{
    /// <summary>Bytes that nobody knew of before.</summary>
    Reported,

    /// <summary>Root's probe confirmed what was suspect.</summary>
    Confirmed,

    /// <summary>The medium reads again, or is gone; content did not come back.</summary>
    MediumChanged,

    /// <summary>The content was settled: rewritten, restored or dismissed.</summary>
    Settled,

    /// <summary>A holder came to bytes that were known to be bad before it (C6).</summary>
    Bound,

    /// <summary>The failure was asked about again, and its impact is another one.</summary>
    ResolvedAgain,
}

/// <summary>
/// How far a notice has come on its way to subscribers. To its holder it goes by the holder's decisions.
/// </summary>
public enum NoticeState
{
    /// <summary>Its instance is not ready: nobody could say what the bytes are (C3).</summary>
    Waiting,

    /// <summary>May be resolved and published.</summary>
    Ready,

    /// <summary>In the feed, under its <see cref="Notice.Sequence"/>.</summary>
    Published,

    /// <summary>Another filesystem took the place of its instance before it was published (C6).</summary>
    Superseded,
}

/// <summary>A change of one failure, on its way to its holder and to every subscriber.</summary>
public sealed record Notice
{
    /// <summary>The order in which the ledger accepted it: a holder's own feed runs by it.</summary>
    public required long Number { get; init; }

    /// <summary>Its place in the feed of all subscribers; null until it is published.</summary>
    public long? Sequence { get; init; }

    public required Guid Failure { get; init; }

    public required long Revision { get; init; }

    public required NoticeCause Cause { get; init; }

    public required NoticeState State { get; init; }

    public required long Device { get; init; }

    public long? Instance { get; init; }

    /// <summary>The bytes that changed, of the device: of a merge only what is new.</summary>
    public required ByteRange Range { get; init; }

    public required FailureKind Kind { get; init; }

    public required MediumState Medium { get; init; }

    public required ContentState Content { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Had to wait for its instance.</summary>
    public bool IsReplayed { get; init; }

    /// <summary>False only for what could not be written down yet (C1).</summary>
    public bool IsDurable { get; init; } = true;

    /// <summary>What the bytes are, once resolved: JSON, an array of impacts as in holdfast.report/1.</summary>
    public ReadOnlyMemory<byte> Impacts { get; init; }

    /// <summary>Whether the impacts are all there is to say; false too where nobody could be asked (C12).</summary>
    public bool IsComplete { get; init; }

    /// <summary>Why not complete, in words.</summary>
    public string? Gap { get; init; }
}
