// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Contract;

/// <summary>GET /v1/status: what a person asks first.</summary>
public sealed record StatusJson
{
    public required string Host { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Failures whose content is lost, or may be, and that nobody has settled.</summary>
    public required long OpenFailures { get; init; }

    public required long OpenBytes { get; init; }

    /// <summary>Notices that wait for their filesystem.</summary>
    public required long Waiting { get; init; }

    public required long DeadDeliveries { get; init; }

    public required long UnknownDeliveries { get; init; }

    public required long PendingDeliveries { get; init; }

    public required int Holders { get; init; }

    public required int Parties { get; init; }

    public required bool Disarmed { get; init; }

    public required bool ActingEnabled { get; init; }

    public required LedgerJson Ledger { get; init; }

    public required SpoolJson Spool { get; init; }

    /// <summary>What reports failures by itself; absent where the daemon is older than this.</summary>
    public IReadOnlyList<ProducerJson>? Producers { get; init; }

    /// <summary>Scheduled scans; absent where the daemon is older than this.</summary>
    public IReadOnlyList<ScanJson>? Scans { get; init; }

    /// <summary>What does not work as it should, in words.</summary>
    public required IReadOnlyList<string> Degraded { get; init; }
}

/// <param name="Trouble">Why it cannot be written; null while it can.</param>
public sealed record LedgerJson(string Path, string? Trouble, long Bytes, long LastSeq);

/// <param name="Running">False while it waits to be started again.</param>
/// <param name="Reports">Accepted of it since the daemon began.</param>
/// <param name="Offered">What could not be refused (kernel events), since the daemon began.</param>
/// <param name="LastFault">Why it ended the last time.</param>
public sealed record ProducerJson(
    string Name, bool Running, long Restarts, long Reports, long Offered, string? LastFault,
    DateTimeOffset? LastFaultTime);

/// <param name="Waiting">Reports not yet in the ledger.</param>
/// <param name="Dropped">Reports that did not fit.</param>
public sealed record SpoolJson(long Waiting, long Bytes, long Dropped);

/// <summary>POST /v1/replay: which deliveries are tried again. Absent: all that are dead.</summary>
public sealed record ReplayRequest
{
    public string? Party { get; init; }

    public Guid? Failure { get; init; }

    /// <summary>Also those whose outcome is unknown: an effect may then happen twice.</summary>
    public bool Unknown { get; init; }
}

public sealed record ReplayAnswer(long Requeued);

/// <summary>POST /v1/disarm.</summary>
public sealed record DisarmRequest
{
    /// <summary>False arms again; absent: true.</summary>
    public bool? Disarmed { get; init; }

    public string? Note { get; init; }
}

/// <summary>GET /v1/failures/{id}/explain: which rule would do what, and why.</summary>
public sealed record ExplanationJson(Guid Failure, IReadOnlyList<PartyExplanationJson> Parties);

/// <param name="Would">In one sentence.</param>
public sealed record PartyExplanationJson(
    string Party, string? Rule, string Policy, string Would, IReadOnlyList<RuleVerdictJson> Rules);

/// <param name="Why">The condition that did not hold; null where all hold.</param>
public sealed record RuleVerdictJson(string Rule, bool Matches, string? Why);

/// <summary>application/problem+json.</summary>
public sealed record ProblemJson
{
    public string? Type { get; init; }

    public string? Title { get; init; }

    public int Status { get; init; }

    public string? Detail { get; init; }

    /// <summary>Stable: "unknown_device", "held_by", "ledger_unavailable", …</summary>
    public string? Code { get; init; }

    /// <summary>For "held_by": the holder in the way.</summary>
    public string? Holder { get; init; }
}
