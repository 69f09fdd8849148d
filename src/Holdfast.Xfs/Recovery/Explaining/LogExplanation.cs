// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Records;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Explaining;

/// <summary>Replays a log and tells, record by record and transaction by transaction, what is done with it.</summary>
public static class LogExplanation
{
    public static RecoveredLog Run(
        IBlockSource data, IBlockSource log, LogPlace place, LogState state, Geometry geometry, ILogListener listener,
        CancellationToken cancellationToken = default)
    {
        var fates = new Fates();
        return LogReplay.Run(
            data, log, place, state, geometry, fates, pass => new Teller(pass, fates, listener, geometry),
            cancellationToken);
    }

    /// <summary>Remembers what replay says of each item of the transaction that it is at.</summary>
    private sealed class Fates : IRecoveryObserver
    {
        private readonly Dictionary<int, ItemFate> _byItem = [];
        private int _current;

        public ItemFate Of(LogItem item) => _byItem.GetValueOrDefault(item.Id);

        public void Clear() => _byItem.Clear();

        public void Item(int pass, LogTransaction transaction, LogItem item) => _current = item.Id;

        public void Reordered(int pass, LogTransaction transaction, LogItem item, bool toHead)
        {
        }

        public void Buffer(BufferVerdict verdict, in BufferItem buffer) => _byItem[_current] = verdict switch
        {
            BufferVerdict.Cancelled => ItemFate.Cancelled,
            BufferVerdict.Skipped => ItemFate.Skipped,
            BufferVerdict.NotCancelled or BufferVerdict.CancelAdded or BufferVerdict.CancelCounted => ItemFate.Noted,
            _ => ItemFate.Replayed,
        };

        public void Inode(InodeVerdict verdict, in InodeItem inode) => _byItem[_current] = FateOf(verdict);

        public void InodeCreate(InodeVerdict verdict, in InodeCreateItem create) =>
            _byItem[_current] = FateOf(verdict);

        private static ItemFate FateOf(InodeVerdict verdict) => verdict switch
        {
            InodeVerdict.Cancelled => ItemFate.Cancelled,
            InodeVerdict.Skipped => ItemFate.Skipped,
            _ => ItemFate.Replayed,
        };
    }

    private sealed class Teller(ILogVisitor pass, Fates fates, ILogListener listener, Geometry geometry) : ILogVisitor
    {
        public void Record(LogRecord record)
        {
            var told = new ExplainedRecord(
                record.Block, record.Lsn, record.TailLsn, record.Length, record.OperationCount);
            listener.Record(in told);
        }

        public bool Transaction(LogTransaction transaction)
        {
            fates.Clear();
            bool goOn = pass.Transaction(transaction);
            Tell(transaction, isCommitted: true);
            return goOn;
        }

        public void Uncommitted(LogTransaction transaction)
        {
            fates.Clear();
            Tell(transaction, isCommitted: false);
        }

        private void Tell(LogTransaction transaction, bool isCommitted)
        {
            var items = new ExplainedItem[transaction.Count];
            for (int i = 0; i < items.Length; i++)
            {
                LogItem item = transaction[i];
                items[i] = ItemWords.Of(item, fates.Of(item), geometry);
            }

            listener.Transaction(new(transaction.Id, transaction.Lsn, transaction.CommitLsn, isCommitted, items));
        }
    }
}
