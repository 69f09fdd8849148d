// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Holdfast.Contract;

/// <summary>A failure's change on its way to a party.</summary>
public sealed record NoticeJson
{
    /// <summary>The same however often it is delivered.</summary>
    public required string Key { get; init; }

    /// <summary>Its place in the party's feed; null while it waits.</summary>
    public long? Seq { get; init; }

    /// <summary>The place that was given out before it in this answer, so that a hole is seen.</summary>
    public long? PreviousSeq { get; init; }

    public required Guid Failure { get; init; }

    public required long Revision { get; init; }

    /// <summary>"reported", "confirmed", "medium_changed", "settled", "bound" or "resolved_again".</summary>
    public required string Cause { get; init; }

    /// <summary>"waiting", "ready", "published" or "superseded".</summary>
    public required string State { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required DeviceJson Device { get; init; }

    public FilesystemJson? Fs { get; init; }

    /// <summary>The bytes of the device that this is about.</summary>
    public required IReadOnlyList<RangeJson> Ranges { get; init; }

    public required string Kind { get; init; }

    public required string Medium { get; init; }

    public required string Content { get; init; }

    /// <summary>Had to wait for its filesystem.</summary>
    public bool Replayed { get; init; }

    /// <summary>False only for what could not be written down yet.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Whether the impacts are all there is to say.</summary>
    public bool Complete { get; init; }

    /// <summary>Why not complete.</summary>
    public string? Gap { get; init; }

    /// <summary>An array of impacts as in holdfast.report/1; absent where nobody could be asked.</summary>
    public JsonElement? Impacts { get; init; }

    public string? Host { get; init; }
}

/// <summary>GET /v1/parties/{name}/notices.</summary>
/// <param name="Next">Where to go on: the last sequence looked at, also where the filter left it out.</param>
public sealed record NoticePageJson(IReadOnlyList<NoticeJson> Items, long Next);

/// <summary>POST /v1/parties/{name}/notices/ack.</summary>
public sealed record AckRequest(long Through);

/// <summary>Several notices at once, where a storm made them too many to be told one by one.</summary>
public sealed record DigestJson
{
    public string Schema { get; init; } = "holdfast.digest/1";

    public required string Key { get; init; }

    public required string Party { get; init; }

    public required int Notices { get; init; }

    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }

    /// <summary>All bytes of all ranges; a byte that is told of twice counts once a device.</summary>
    public required long Bytes { get; init; }

    public required IReadOnlyList<DeviceJson> Devices { get; init; }

    /// <summary>The first hundred.</summary>
    public required IReadOnlyList<NoticeJson> First { get; init; }

    public string? Host { get; init; }
}

/// <summary>What became of a notice for one party.</summary>
public sealed record DeliveryJson(
    string Party, long Notice, string State, int Attempts, DateTimeOffset? NextAttempt, string? Reason, string? Rule,
    string? ConfigHash);
