// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Records;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The first of the two passes over the log: which buffers were freed, and which quotas were turned off. Nothing is
/// replayed.
/// </summary>
/// <param name="wantsChecksums">V5: a record without a checksum is no torn write, and is not replayed either
/// (L2).</param>
internal sealed class FirstPass(
    CancelTable cancels, RecoveryCounts counts, IRecoveryObserver? observer, bool wantsChecksums) : ILogVisitor
{
    private const int QuotaOffFlagsAt = 2 * sizeof(ushort);
    private const uint UserAccounting = 1 << 0;
    private const uint GroupAccounting = 1 << 6;
    private const uint ProjectAccounting = 1 << 3;

    private readonly ItemOrder _order = new(observer);

    /// <summary>Why the pass stopped; the LSN tells at which transaction.</summary>
    public BlockFault Fault { get; private set; }

    /// <summary>The record of the transaction that the fault lies in.</summary>
    public LogSequenceNumber FaultLsn { get; private set; }

    /// <summary>Quotas that were turned off: their records are not replayed.</summary>
    public DquotType QuotasOff { get; private set; }

    public void Record(LogRecord record)
    {
        counts.Records++;
        if (!wantsChecksums || record.Checksum != 0 || !Fault.IsNone) return;
        Fault = BlockFault.Bad("h_crc", "0");
        FaultLsn = record.Lsn;
    }

    public void Uncommitted(LogTransaction transaction) => counts.Uncommitted++;

    public bool Transaction(LogTransaction transaction)
    {
        if (!Fault.IsNone) return false;
        counts.Transactions++;
        counts.Items += transaction.Count;
        FaultLsn = transaction.Lsn;
        Fault = _order.Sort(1, transaction, out IReadOnlyList<int> ordered);
        if (!Fault.IsNone) return false;
        foreach (int index in ordered)
        {
            LogItem item = transaction[index];
            observer?.Item(1, transaction, item);
            if (item.Type == LogItemType.QuotaOff) QuotasOff |= OffIn(item);
            if (item.Type != LogItemType.Buffer) continue;
            Fault = BufferItem.TryOpen(item, out BufferItem buffer);
            if (!Fault.IsNone) return false;
            if (!buffer.IsCancel)
            {
                observer?.Buffer(BufferVerdict.NotCancelled, in buffer);
                continue;
            }

            bool isNew = cancels.Add(buffer.Block, buffer.Sectors);
            observer?.Buffer(isNew ? BufferVerdict.CancelAdded : BufferVerdict.CancelCounted, in buffer);
        }

        return true;
    }

    private static DquotType OffIn(LogItem item)
    {
        ReadOnlySpan<byte> bytes = item.Region(0);
        if (bytes.Length < QuotaOffFlagsAt + sizeof(uint)) return DquotType.None;
        uint flags = bytes.Host32(QuotaOffFlagsAt);
        return ((flags & UserAccounting) != 0 ? DquotType.User : 0)
            | ((flags & GroupAccounting) != 0 ? DquotType.Group : 0)
            | ((flags & ProjectAccounting) != 0 ? DquotType.Project : 0);
    }
}
