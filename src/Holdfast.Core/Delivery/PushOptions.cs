// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Limits of the deliveries that are pushed.</summary>
public sealed record PushOptions
{
    /// <summary>Effects of one party at a time; each lane has one at most.</summary>
    public int EffectsMax { get; init; } = 4;

    /// <summary>After so many attempts a delivery is dead.</summary>
    public int AttemptsMax { get; init; } = 12;

    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>More than this waiting in a lane are told as one digest.</summary>
    public int DigestOver { get; init; } = 50;

    /// <summary>Notices in one digest.</summary>
    public int DigestMax { get; init; } = 1000;

    /// <summary>Calls of one policy that did not even end when stopped; with so many it is called no more.</summary>
    public int LeftBehindMax { get; init; } = 64;

    /// <summary>What a policy is given beyond its time limit to stop by itself, before it is left behind.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
