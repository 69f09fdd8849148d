// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Records;

/// <summary>What became of a notice for one party.</summary>
public enum DeliveryState
{
    Pending,
    Deferred,
    Attempting,
    Done,
    Ignored,
    Unsupported,
    Failed,
    Dead,
    Unknown,
    Superseded,
    Expired,
}

/// <summary>One notice and one party.</summary>
public sealed record PartyDelivery
{
    public required string Party { get; init; }

    /// <summary>The notice's number.</summary>
    public required long Notice { get; init; }

    public required DeliveryState State { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttempt { get; init; }

    public string? Reason { get; init; }

    public string? Rule { get; init; }

    /// <summary>Of the configuration that decided.</summary>
    public string? ConfigHash { get; init; }
}

/// <summary>How a party is spoken to.</summary>
public enum PartyKind
{
    /// <summary>Reads its feed and acknowledges.</summary>
    Subscriber,

    /// <summary>Named in the configuration; rules decide what is done.</summary>
    Configured,
}

/// <summary>What a party wants to hear of. Null means all.</summary>
/// <param name="Path">Bytes of a path inside the filesystem, or of a folder above what is wanted.</param>
/// <param name="Filesystem">UUID.</param>
/// <param name="Owner">"inode", "free", …, as in holdfast.report/1.</param>
/// <param name="Severity">The least: "harmless", "metadata", "file_data".</param>
public sealed record PartyFilter(ReadOnlyMemory<byte>? Path, string? Filesystem, string? Owner, string? Severity)
{
    /// <summary>
    /// Never empty. A byte[] that is null becomes an empty memory here, not null: taken for a path it would leave out
    /// all that has no path, such as lost metadata.
    /// </summary>
    public ReadOnlyMemory<byte>? Path { get; init; } = Path is { IsEmpty: false } ? Path : null;
}

/// <summary>Somebody who is told.</summary>
public sealed record Party
{
    public required string Name { get; init; }

    public required PartyKind Kind { get; init; }

    public required PartyFilter Filter { get; init; }

    /// <summary>Everything up to this sequence is settled for it.</summary>
    public required long Cursor { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>After so many days of silence it is given up; null: never.</summary>
    public int? ExpireDays { get; init; }
}
