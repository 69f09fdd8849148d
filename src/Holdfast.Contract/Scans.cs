// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>A scheduled scan, in GET /v1/status.</summary>
public sealed record ScanJson
{
    public required string Name { get; init; }

    /// <summary>As the configuration has it.</summary>
    public required string Device { get; init; }

    /// <summary>Of the device that was found; absent: none yet.</summary>
    public string? Identity { get; init; }

    /// <summary>"reading", "waiting" for its time or its hours, "no_device".</summary>
    public required string State { get; init; }

    /// <summary>Of the round that goes on; absent between rounds.</summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>Of this round or, between rounds, of the last; before a restart too.</summary>
    public required long ReadBytes { get; init; }

    /// <summary>What is to be read; 0 until it is known.</summary>
    public required long WantedBytes { get; init; }

    /// <summary>Of those read, what the medium does not give.</summary>
    public required long BadBytes { get; init; }

    /// <summary>Seconds until the round is done, at its pace so far.</summary>
    public long? LeftS { get; init; }

    public DateTimeOffset? LastFinished { get; init; }

    /// <summary>When it will begin, or go on.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Why it does not do what it should.</summary>
    public string? Note { get; init; }
}
