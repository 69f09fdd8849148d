// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Log;

/// <summary>What the search keeps of a record header: the block itself is gone with the next read.</summary>
/// <param name="Block">The log block of the header.</param>
/// <param name="Wrapped">It was found only after going round the end of the log.</param>
internal readonly record struct RecordPosition(
    long Block,
    bool Wrapped,
    uint Cycle,
    LogSequenceNumber Lsn,
    LogSequenceNumber TailLsn,
    uint Length,
    uint Version,
    uint BufferSize,
    uint OperationCount)
{
    internal static RecordPosition Of(LogRecordHeader header, long block, bool wrapped) => new(
        block, wrapped, header.Cycle, header.Lsn, header.TailLsn, header.Length, header.Version, header.BufferSize,
        header.OperationCount);
}
