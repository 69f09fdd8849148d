// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>What a party wants to hear of; what is absent does not matter.</summary>
public sealed record FilterJson
{
    /// <summary>A path inside the filesystem, or a folder above what is wanted.</summary>
    public string? Path { get; init; }

    /// <summary>The same as bytes, where it is not UTF-8.</summary>
    public string? PathBase64 { get; init; }

    public string? Fs { get; init; }

    public string? Owner { get; init; }

    /// <summary>The least: "harmless", "metadata" or "file_data".</summary>
    public string? Severity { get; init; }
}

/// <summary>PUT /v1/parties/{name}.</summary>
public sealed record PartyRequest
{
    public FilterJson? Filter { get; init; }

    public int? ExpireDays { get; init; }
}

public sealed record PartyJson
{
    public required string Name { get; init; }

    /// <summary>"subscriber", "configured" or "holder".</summary>
    public required string Kind { get; init; }

    public required FilterJson Filter { get; init; }

    /// <summary>Everything up to this sequence is settled for it.</summary>
    public required long Cursor { get; init; }

    /// <summary>Notices published behind its cursor, whatever its filter says of them.</summary>
    public required long Behind { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public int? ExpireDays { get; init; }

    public long Pending { get; init; }

    public long Dead { get; init; }

    public long Unknown { get; init; }
}

/// <summary>GET /v1/parties.</summary>
public sealed record PartyListJson(IReadOnlyList<PartyJson> Items);

/// <summary>PUT /v1/silences/{name}.</summary>
public sealed record SilenceRequest
{
    public FilterJson? Filter { get; init; }

    public string? Device { get; init; }

    public required DateTimeOffset Until { get; init; }

    public string? Owner { get; init; }

    public string? Note { get; init; }
}

public sealed record SilenceJson(
    string Name, FilterJson Filter, string? Device, DateTimeOffset Until, string Owner, string? Note);

public sealed record SilenceListJson(IReadOnlyList<SilenceJson> Items);
