// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Ledger;

/// <summary>Where a simulation lets commits fail, as full and dying disks do.</summary>
internal interface ICommitGate
{
    /// <summary>What it throws fails the commit; nothing of it is on the disk.</summary>
    void BeforeCommit();

    /// <summary>What it throws fails the commit although all of it is on the disk, as a failed fsync may.</summary>
    void AfterCommit();
}
