// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>Bytes of a device.</summary>
public sealed record RangeJson(long Offset, long Length);

/// <summary>POST /v1/reports.</summary>
public sealed record ReportRequest
{
    /// <summary>The same key again is the same report, however often it is sent.</summary>
    public required string Key { get; init; }

    public required string Source { get; init; }

    public DateTimeOffset? Time { get; init; }

    /// <summary>A device's name (/dev/sdb), an image's path, or an identity.</summary>
    public required string Device { get; init; }

    /// <summary>"error", "list" or "claim".</summary>
    public required string Basis { get; init; }

    /// <summary>Whether a list names all bad bytes of its scope.</summary>
    public bool Complete { get; init; }

    /// <summary>What a complete list speaks of; absent: the whole device.</summary>
    public RangeJson? Scope { get; init; }

    /// <summary>"media" (when absent) or "absent".</summary>
    public string? Kind { get; init; }

    public required IReadOnlyList<RangeJson> Ranges { get; init; }
}

/// <summary>The 202 answer: it is durable.</summary>
public sealed record ReportAnswer(long Seq, bool Duplicate, IReadOnlyList<FailureRevisionJson> Failures);

public sealed record FailureRevisionJson(Guid Id, long Revision);
