// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>What a mount does where it meets an obstacle.</summary>
public enum MountEffect
{
    /// <summary>No mount succeeds.</summary>
    Fails,

    /// <summary>A mount for writing fails, one with <c>-o ro</c> does not read it.</summary>
    FailsForWriting,

    /// <summary>It goes on, and something is lost or left behind.</summary>
    GoesOn,
}

/// <summary>Something that a mount has to read and cannot.</summary>
/// <param name="Why">The block, and what is wrong with it.</param>
/// <param name="Consequence">What then: in one sentence.</param>
public sealed record MountObstacle(Fault Why, string Consequence, MountEffect Effect = MountEffect.Fails);
