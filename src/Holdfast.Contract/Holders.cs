// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <param name="Role">"data", "log" or "rt".</param>
/// <param name="Length">0: up to the device's end.</param>
public sealed record HolderRangeJson(string Device, string Role, long Offset, long Length);

/// <summary>PUT /v1/holders/{name}.</summary>
public sealed record HolderRequest
{
    public required IReadOnlyList<HolderRangeJson> Ranges { get; init; }

    /// <summary>Needed from "superblock_read" on.</summary>
    public FilesystemJson? Fs { get; init; }

    /// <summary>
    /// "claimed", "superblock_read", "structures_ready", "log_recovered", "live", "closing" or "gone".
    /// </summary>
    public required string State { get; init; }

    /// <summary>State to "handle" or "defer".</summary>
    public IReadOnlyDictionary<string, string>? Decisions { get; init; }

    /// <summary>Seconds after which the claim ends unless it is renewed.</summary>
    public required int LeaseS { get; init; }

    /// <summary>The epoch that the last answer gave; absent: a new claim, which fences off an older one.</summary>
    public long? Epoch { get; init; }
}

/// <summary>A holder as it stands; the answer to PUT too.</summary>
public sealed record HolderJson
{
    public required string Name { get; init; }

    public required long Epoch { get; init; }

    public required string State { get; init; }

    public required IReadOnlyList<HolderRangeJson> Ranges { get; init; }

    public FilesystemJson? Fs { get; init; }

    public long? Instance { get; init; }

    /// <summary>The instance that this one looks like, on another device: say "moved" or "copied".</summary>
    public long? CandidateOf { get; init; }

    /// <summary>What it does with a notice now: "handle" or "defer".</summary>
    public required string Decision { get; init; }

    public required DateTimeOffset LeaseEnds { get; init; }

    /// <summary>Notices that wait for it.</summary>
    public long Waiting { get; init; }
}

/// <summary>GET /v1/holders.</summary>
public sealed record HolderListJson(IReadOnlyList<HolderJson> Items);
