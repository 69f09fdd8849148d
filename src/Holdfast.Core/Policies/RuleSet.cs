// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;

namespace Holdfast.Core.Policies;

/// <summary>The rules in force, and the configured parties they decide for.</summary>
/// <param name="Rules">In order.</param>
/// <param name="ConfigHash">Of the configuration file's bytes (SHA-256, first 16 digits): on record with each
/// outcome.</param>
/// <param name="ActingEnabled">Whether an administrator has turned acting on (C14).</param>
public sealed record RuleSet(IReadOnlyList<Rule> Rules, string ConfigHash, bool ActingEnabled)
{
    /// <summary>What bounds those rules that act.</summary>
    public ActingLimits Acting { get; init; } = new();

    public static RuleSet None { get; } = new([], "", ActingEnabled: false);
}
