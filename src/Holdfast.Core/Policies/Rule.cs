// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Policies;

/// <summary>
/// One rule of the configuration. Rules are asked in order; the first whose condition holds decides for a party.
/// </summary>
public sealed record Rule
{
    public required string Name { get; init; }

    public required RuleCondition When { get; init; }

    /// <summary>The policy: "ignore", "report", "log", "command", "webhook", "signal", "kernel"…</summary>
    public required string Policy { get; init; }

    /// <summary>Arguments of a command, program first; empty for others.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The account a command runs under; never root unless named.</summary>
    public string User { get; init; } = "nobody";

    /// <summary>The name of a signal for processes that have lost bytes in their memory.</summary>
    public string Signal { get; init; } = "SIGBUS";

    public Uri? Webhook { get; init; }

    /// <summary>
    /// A file that holds the key of a webhook's signature: never the key itself, which would be shown.
    /// </summary>
    public string? SecretFile { get; init; }

    /// <summary>Whether the command shuts down, kills or freezes: then `acting.enabled` must be true and the failure
    /// confirmed (C14).</summary>
    public bool Acts { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Older than this a notice is not acted on any more, it is dead.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>Every part that is there must hold.</summary>
public sealed record RuleCondition
{
    public string? Party { get; init; }

    /// <summary>The least: "harmless", "metadata", "file_data".</summary>
    public string? Severity { get; init; }

    public string? Path { get; init; }

    public string? Filesystem { get; init; }

    /// <summary>Identity or name.</summary>
    public string? Device { get; init; }

    public string? Owner { get; init; }

    /// <summary>"suspect", "confirmed", "readable", "gone".</summary>
    public string? Medium { get; init; }

    public string? Content { get; init; }

    public string? Kind { get; init; }
}
