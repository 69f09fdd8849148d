// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Intake;

/// <summary>How a producer does, for whoever asks: a copy of one moment.</summary>
/// <param name="IsRunning">False while it waits to be started again.</param>
/// <param name="Restarts">How often it had to be.</param>
/// <param name="Reports">Accepted of it since the daemon began.</param>
/// <param name="Offered">What could not be refused, since the daemon began.</param>
/// <param name="LastFault">Why it ended the last time; null: it never did.</param>
public sealed record ProducerState(
    string Name, bool IsRunning, long Restarts, long Reports, long Offered, string? LastFault,
    DateTimeOffset? LastFaultTime);
