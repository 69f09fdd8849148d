// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <param name="Identity">What does not change when its name does.</param>
/// <param name="Name">What it is called now.</param>
/// <param name="Stable">False where it has no lasting identity: then Identity is only its name.</param>
public sealed record DeviceJson(string Identity, string Name, bool Stable, long? Size);

public sealed record FilesystemJson(string Type, string Uuid, string? MetadataUuid);

/// <summary>A failure, as every route gives it.</summary>
public sealed record FailureJson
{
    public required Guid Id { get; init; }

    public required long Revision { get; init; }

    public required DeviceJson Device { get; init; }

    public required long Offset { get; init; }

    public required long Length { get; init; }

    /// <summary>"media" or "absent".</summary>
    public required string Kind { get; init; }

    /// <summary>"suspect", "confirmed", "readable" or "gone".</summary>
    public required string Medium { get; init; }

    /// <summary>"lost", "unknown", "rewritten", "restored" or "dismissed".</summary>
    public required string Content { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public required long Count { get; init; }

    public required IReadOnlyList<string> Sources { get; init; }

    public Guid? MergedInto { get; init; }

    public bool Superseded { get; init; }

    /// <summary>Whether content is lost, or may be, and nobody has settled it.</summary>
    public required bool Open { get; init; }

    public FilesystemJson? Fs { get; init; }

    /// <summary>The ledger's number of the filesystem instance.</summary>
    public long? Instance { get; init; }

    /// <summary>Who takes care of it.</summary>
    public string? Owner { get; init; }

    public string? Note { get; init; }

    /// <summary>The host whose ledger this is.</summary>
    public string? Host { get; init; }
}

/// <summary>GET /v1/failures.</summary>
/// <param name="Next">What to give as "after" for the next page; null at the end.</param>
public sealed record FailurePageJson(IReadOnlyList<FailureJson> Items, Guid? Next);

public sealed record HistoryJson(
    long Seq, long Revision, DateTimeOffset Time, string What, string Source, long Offset, long Length, string? Note);

/// <summary>GET /v1/failures/{id}.</summary>
public sealed record FailureDetailJson(
    FailureJson Failure, IReadOnlyList<HistoryJson> History, IReadOnlyList<NoticeJson> Notices,
    IReadOnlyList<DeliveryJson> Deliveries);

/// <summary>POST /v1/failures/{id}/confirm, clear or ack.</summary>
public sealed record FailureActionRequest
{
    /// <summary>For clear: "rewritten", "restored" or "dismissed".</summary>
    public string? How { get; init; }

    public string? Note { get; init; }

    /// <summary>For ack: who takes care of it; absent: the caller.</summary>
    public string? Owner { get; init; }
}
