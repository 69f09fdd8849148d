// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery;

/// <summary>How much of what a mount does is done in memory.</summary>
public enum RecoveryDepth
{
    /// <summary>Nothing: the device as it is.</summary>
    Disk,

    /// <summary>The log is replayed; intents stay open, unlinked inodes and CoW leftovers are there.</summary>
    Replayed,

    /// <summary>
    /// As a mount leaves it: intents are carried to their end; if the log was dirty, unlinked inodes and CoW leftovers
    /// are freed (L21).
    /// </summary>
    Mounted,
}
