// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>How often an effect may happen for one notice (C7).</summary>
public enum EffectKind
{
    /// <summary>Doing it twice is doing it once: delivered at least once.</summary>
    Idempotent,

    /// <summary>
    /// At most once: a crash in between leaves the outcome unknown, and it is never repeated by itself.
    /// </summary>
    AtMostOnce,
}

/// <summary>What a policy is asked to do.</summary>
/// <param name="Party">For whom.</param>
/// <param name="Rule">The rule that says so.</param>
/// <param name="Notices">One; several where a storm made a digest of them. In order.</param>
/// <param name="Payload">The same as JSON, as programs are given it: one notice object, or a digest.</param>
/// <param name="Key">The same for every attempt at the same notices: makes a webhook idempotent.</param>
public sealed record PolicyRequest(
    string Party, Rule Rule, IReadOnlyList<Notice> Notices, ReadOnlyMemory<byte> Payload, string Key);

/// <summary>What came of an attempt.</summary>
/// <param name="State">
/// Done, Ignored, Unsupported, Dead (it will never succeed), Unknown (nobody can say), or Failed: then it is tried
/// again if the effect allows it. One that may happen once only says Failed as long as nothing has happened (C7).
/// </param>
/// <param name="Detail">For the record: kept output, a status, a reason. At most 4 KiB are kept.</param>
/// <param name="RetryAfter">Of Failed: not before that, as whoever refused it asks.</param>
public sealed record PolicyOutcome(DeliveryState State, string? Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>Nothing was done because it was only to be tried out.</summary>
    internal bool IsDryRun { get; init; }
}

/// <summary>
/// A decision carried out: log, command, webhook… One a file; what it throws is its own failure, and it is stopped when
/// its rule's time limit is over.
/// </summary>
public interface IPolicy
{
    /// <summary>As a rule's "do" names it.</summary>
    string Name { get; }

    EffectKind Effect { get; }

    Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken);

    /// <summary>What it would do, in one sentence: for a dry run and `policy explain`.</summary>
    string Describe(Rule rule);

    /// <summary>
    /// Whom or what it would hit now, for a dry run: looked for as it would be, and left alone. Null where
    /// <see cref="Describe"/> says it all.
    /// </summary>
    Task<string?> RehearseAsync(PolicyRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);
}
