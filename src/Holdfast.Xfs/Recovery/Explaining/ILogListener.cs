// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;

namespace Holdfast.Xfs.Recovery.Explaining;

/// <summary>A record of the log.</summary>
/// <param name="Block">Log block of its header.</param>
/// <param name="Length">Bytes of data.</param>
public readonly record struct ExplainedRecord(
    long Block, LogSequenceNumber Lsn, LogSequenceNumber TailLsn, int Length, uint Operations);

/// <summary>A transaction: a checkpoint of the running filesystem.</summary>
/// <param name="StartLsn">The record that holds its start.</param>
/// <param name="CommitLsn">The record that holds its commit; meaningless where there is none.</param>
/// <param name="IsCommitted">Recovery passes over what is not.</param>
/// <param name="Items">In the order in which they were logged.</param>
public sealed record ExplainedTransaction(
    uint Id, LogSequenceNumber StartLsn, LogSequenceNumber CommitLsn, bool IsCommitted,
    IReadOnlyList<ExplainedItem> Items);

/// <summary>Is told of a log's content from tail to head, while it is replayed. Nothing is kept for it.</summary>
public interface ILogListener
{
    void Record(in ExplainedRecord record);

    void Transaction(ExplainedTransaction transaction);
}
