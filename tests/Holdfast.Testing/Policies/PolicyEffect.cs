// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Policies;

/// <summary>What a policy did, as whoever it did it to sees it.</summary>
/// <param name="Key">The request's, as it arrived; the same for every attempt (C7).</param>
/// <param name="Payload">The notice as JSON, as it arrived.</param>
public sealed record PolicyEffect(string Key, string Payload);
