// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Core.Records;

/// <summary>
/// A run of bytes of one device with one fact about the medium and one about the content. Failures that still say
/// something (<see cref="IsActive"/>) never overlap on one device and kind; touching ones whose facts agree are one.
/// </summary>
public sealed record Failure
{
    public required Guid Id { get; init; }

    /// <summary>Rises with every change of a fact or of the range.</summary>
    public required long Revision { get; init; }

    /// <summary>The ledger's number of the device.</summary>
    public required long Device { get; init; }

    public required ByteRange Range { get; init; }

    public required FailureKind Kind { get; init; }

    public required MediumState Medium { get; init; }

    public required ContentState Content { get; init; }

    /// <summary>The filesystem instance whose content it is; null where no holder ever claimed these bytes.</summary>
    public long? Instance { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>How often it was reported.</summary>
    public required long Count { get; init; }

    /// <summary>Who reported it, sorted, separated by a blank.</summary>
    public required string Sources { get; init; }

    /// <summary>The failure that this one became part of.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Its filesystem instance was replaced by another one on the same bytes (C6).</summary>
    public bool IsSuperseded { get; init; }

    /// <summary>Who takes care of it, and what they say.</summary>
    public string? Owner { get; init; }

    public string? Note { get; init; }

    /// <summary>Whether content is lost, or may be, and nobody has settled it.</summary>
    public bool IsOpen => MergedInto is null && !IsSuperseded && Content is ContentState.Lost or ContentState.Unknown;

    /// <summary>Whether it still says something of its bytes: open, or the medium under it is still bad.</summary>
    public bool IsActive => MergedInto is null && !IsSuperseded
        && (IsOpen || Medium is MediumState.Suspect or MediumState.Confirmed);
}
