// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.Log;

/// <summary>What a mount would find in the log.</summary>
public enum LogStateKind
{
    /// <summary>An external log that was not given. The superblock has no flag that would tell.</summary>
    NotSupplied,

    /// <summary>Nothing to replay: what lies on the device is all there is.</summary>
    Clean,

    /// <summary>There are records to replay: metadata on the device may be older than the log.</summary>
    Dirty,

    /// <summary>Zeros. Nothing to replay, and no record that would say so.</summary>
    Zeroed,

    /// <summary>Its ends cannot be found, so a mount would fail; see <see cref="LogState.Faults"/>.</summary>
    Damaged,
}

/// <summary>
/// The ends of a log as the kernel finds them before it replays anything. All blocks are log blocks: 512 bytes, counted
/// from the start of the log.
/// </summary>
public sealed record LogState
{
    public required LogStateKind Kind { get; init; }

    /// <summary>Where the next record would be written.</summary>
    public LogSequenceNumber Head { get; init; }

    /// <summary>The first record to replay; equal to the head where there is none.</summary>
    public LogSequenceNumber Tail { get; init; }

    /// <summary>The last whole record; null where none was found.</summary>
    public LogSequenceNumber? LastRecord { get; init; }

    /// <summary>The last record says that the filesystem was unmounted.</summary>
    public bool HasUnmountRecord { get; init; }

    /// <summary>
    /// The log block at which the log would have ended, had its last records not been torn; null where none was.
    /// </summary>
    public uint? HeadBeforeTornWrite { get; init; }

    /// <summary>The tail block that the last record names, where writes after it had already overwritten it.</summary>
    public uint? TailBeforeOverwrite { get; init; }

    /// <summary>What stood in the way. Empty where the answer rests on nothing but sound blocks.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>
    /// For a damaged log with blocks that cannot be read: clean or dirty, as the readable ones have it. A guess, null
    /// where even that is not to be had.
    /// </summary>
    public LogStateKind? Apparent { get; init; }

    public static LogState NotSupplied { get; } = new() { Kind = LogStateKind.NotSupplied };

    /// <summary>
    /// The bytes, on the log's device, that replaying needs: from the tail to the head, in two parts where the records
    /// go round the end of the log.
    /// </summary>
    public IReadOnlyList<ByteRange> ActiveBytes(LogPlace place)
    {
        if (Kind != LogStateKind.Dirty) return [];
        if (Tail.Block < Head.Block) return [place.BytesOf(Tail.Block, Head.Block - Tail.Block)];
        ByteRange toEnd = place.BytesOf(Tail.Block, place.Blocks - Tail.Block);
        return Head.Block == 0 ? [toEnd] : [toEnd, place.BytesOf(0, Head.Block)];
    }
}
