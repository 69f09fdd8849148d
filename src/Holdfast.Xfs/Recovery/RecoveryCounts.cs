// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery;

/// <summary>What replay met, and what it did.</summary>
public sealed class RecoveryCounts
{
    public long Records { get; internal set; }

    /// <summary>Committed transactions.</summary>
    public long Transactions { get; internal set; }

    /// <summary>Transactions that the log ends in: passed over.</summary>
    public long Uncommitted { get; internal set; }

    public long Items { get; internal set; }

    public long BuffersRecovered { get; internal set; }

    /// <summary>What was on the device was as new or newer.</summary>
    public long BuffersSkipped { get; internal set; }

    public long BuffersCancelled { get; internal set; }

    public long InodesRecovered { get; internal set; }

    public long InodesSkipped { get; internal set; }

    public long InodesCancelled { get; internal set; }

    /// <summary>Chunks of new inodes that were initialised.</summary>
    public long InodeChunksCreated { get; internal set; }

    public long DquotsRecovered { get; internal set; }

    /// <summary>Intents that the active log holds.</summary>
    public long Intents { get; internal set; }

    /// <summary>"Done" items whose intent lies before the tail.</summary>
    public long DoneWithoutIntent { get; internal set; }
}
