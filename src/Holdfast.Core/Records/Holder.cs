// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Records;

/// <summary>
/// How far a holder has come. Only from <see cref="LogRecovered"/> on can anybody say what bytes are.
/// </summary>
public enum HolderState
{
    Claimed,
    SuperblockRead,
    StructuresReady,
    LogRecovered,
    Live,
    Closing,
    Gone,
}

/// <summary>What a holder wants done in a state with a notice (C4).</summary>
public enum HolderDecision
{
    Defer,
    Handle,
}

/// <summary>One piece of a device that a holder claims.</summary>
public sealed record ClaimedRange(long Device, DeviceRole Role, ByteRange Range);

/// <summary>
/// What makes a filesystem the same one: its UUIDs, and where it lies (<see cref="ClaimedRange"/> of each device).
/// </summary>
/// <param name="Type">"xfs".</param>
/// <param name="Uuid">The superblock's UUID, as the kernel prints it.</param>
/// <param name="MetadataUuid">The one stamped into metadata, where it is another.</param>
public sealed record FilesystemIdentity(string Type, string Uuid, string? MetadataUuid);

/// <summary>A claim as it stands.</summary>
public sealed record Holder
{
    public required string Name { get; init; }

    /// <summary>Rises with every new claim under the name; words under an older one are refused.</summary>
    public required long Epoch { get; init; }

    public required HolderState State { get; init; }

    public required IReadOnlyList<ClaimedRange> Ranges { get; init; }

    public FilesystemIdentity? Filesystem { get; init; }

    /// <summary>The ledger's number of the instance; null until the superblock is read.</summary>
    public long? Instance { get; init; }

    public required IReadOnlyDictionary<HolderState, HolderDecision> Decisions { get; init; }

    public required TimeSpan Lease { get; init; }

    public required DateTimeOffset LeaseEnds { get; init; }

    /// <summary>The instance that this one looks like, on another device: until an administrator says "moved" or
    /// "copied" nothing of it is delivered here (C6).</summary>
    public long? CandidateOf { get; init; }

    /// <summary>
    /// Whether it stands for the same filesystem in the same place: one that has grown knows nothing of it in a state
    /// that was read before.
    /// </summary>
    internal bool IsSameAs(Holder other) =>
        (Name, Epoch) == (other.Name, other.Epoch) && Ranges.SequenceEqual(other.Ranges);

    public HolderDecision Decision => Decisions.GetValueOrDefault(
        State, State is HolderState.Live or HolderState.LogRecovered ? HolderDecision.Handle : HolderDecision.Defer);
}
