// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>The ledger's disk: well, or full for a while, or with an fsync that fails now and then.</summary>
internal sealed class SimulatedDisk(Random random) : ICommitGate
{
    /// <summary>No commit succeeds.</summary>
    internal bool IsFull { get; set; }

    /// <summary>Of 100 commits so many fail, half of them although everything is on the disk.</summary>
    internal int FailPercent { get; set; }

    public void BeforeCommit()
    {
        if (IsFull) throw new LedgerUnavailableException("simulated: the disk is full");
        if (random.Next(200) < FailPercent) throw new LedgerUnavailableException("simulated: the commit failed");
    }

    public void AfterCommit()
    {
        if (random.Next(200) < FailPercent) throw new LedgerUnavailableException("simulated: the fsync failed");
    }
}
