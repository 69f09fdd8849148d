// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The second of the two passes over the log: every committed transaction is replayed onto the overlay, in the order of
/// the commits, and intents are collected.
/// </summary>
internal sealed class SecondPass : ILogVisitor
{
    /// <summary>Items that the kernel looks at together before it replays the first of them.</summary>
    private const int BatchMax = 100;

    private readonly RecoveryBuffers _buffers;
    private readonly IRecoveryObserver? _observer;
    private readonly ItemOrder _order;
    private readonly BufferReplay _bufferReplay;
    private readonly InodeReplay _inodeReplay;
    private readonly InodeCreateReplay _createReplay;
    private readonly DquotReplay _dquotReplay;
    private readonly RecoveryCounts _counts;
    private readonly DquotType _quotasOn;
    private LogSequenceNumber _lsn;

    /// <param name="quotasOn">Quotas whose records are replayed: none where a mount turns none on, else all that the
    /// log did not turn off.</param>
    public SecondPass(
        Geometry geometry, RecoveryBuffers buffers, CancelTable cancels, DquotType quotasOn, RecoveryCounts counts,
        IRecoveryObserver? observer)
    {
        Geometry = geometry;
        _buffers = buffers;
        _quotasOn = quotasOn;
        _counts = counts;
        _observer = observer;
        _order = new(observer);
        _bufferReplay = new(buffers, cancels, counts, observer);
        _inodeReplay = new(buffers, cancels, counts, observer);
        _createReplay = new(buffers, cancels, counts, observer);
        _dquotReplay = new(buffers, counts);
    }

    /// <summary>As the superblock has it that was replayed last (L18).</summary>
    public Geometry Geometry { get; private set; }

    public OpenIntents Intents { get; } = new();

    /// <summary>Why the pass stopped.</summary>
    public BlockFault Fault { get; private set; }

    public LogSequenceNumber FaultLsn => _lsn;

    public bool Transaction(LogTransaction transaction)
    {
        if (transaction.Lsn != _lsn) _buffers.Settle(_lsn);
        _lsn = transaction.Lsn;
        Fault = _order.Sort(2, transaction, out IReadOnlyList<int> ordered);
        for (int first = 0; first < ordered.Count && Fault.IsNone; first += BatchMax)
        {
            int end = Math.Min(first + BatchMax, ordered.Count);
            for (int i = first; i < end; i++)
            {
                LogItem item = transaction[ordered[i]];
                _observer?.Item(2, transaction, item);
                Prefetch(item);
            }

            for (int i = first; i < end && Fault.IsNone; i++)
            {
                LogItem item = transaction[ordered[i]];
                _observer?.Item(2, transaction, item);
                Fault = Replay(item);
            }
        }

        return Fault.IsNone;
    }

    /// <summary>The log has been walked.</summary>
    public void Finish()
    {
        _buffers.Settle(_lsn);
        _buffers.WriteChecksums();
    }

    /// <summary>What the items of a batch will be put over is read in the background, if the disk is one that is
    /// waited for.</summary>
    private void Prefetch(LogItem item)
    {
        if (item.Type == LogItemType.Inode && InodeItem.TryOpen(item, Geometry.InodeSize, out InodeItem inode).IsNone)
        {
            _buffers.Prefetch((long)(inode.Block * DiskAddress.Size), (int)inode.Sectors * DiskAddress.Size);
        }
        else if (item.Type == LogItemType.Buffer && BufferItem.TryOpen(item, out BufferItem buffer).IsNone)
        {
            if (!buffer.IsCancel) _buffers.Prefetch(buffer.Offset, buffer.Length);
        }
    }

    private BlockFault Replay(LogItem item)
    {
        switch (item.Type)
        {
            case LogItemType.Buffer:
                return ReplayBuffer(item);
            case LogItemType.Inode:
                BlockFault fault = InodeItem.TryOpen(item, Geometry.InodeSize, out InodeItem inode);
                return fault.IsNone ? _inodeReplay.Replay(in inode, _lsn, Geometry) : fault;
            case LogItemType.InodeCreate:
                fault = InodeCreateItem.TryOpen(item, Geometry, out InodeCreateItem create);
                if (fault.IsNone) _createReplay.Replay(in create, Geometry);
                return fault;
            case LogItemType.Dquot:
                return ReplayDquot(item);
            case LogItemType.QuotaOff:
                return BlockFault.None;
            default:
                return TakeIntent(item);
        }
    }

    private BlockFault ReplayBuffer(LogItem item)
    {
        BlockFault fault = BufferItem.TryOpen(item, out BufferItem buffer);
        if (!fault.IsNone) return fault;
        fault = _bufferReplay.Replay(in buffer, _lsn, Geometry, _quotasOn);
        bool isPrimary = buffer.Type == BufferType.Superblock && buffer.Block == 0 && !buffer.IsCancel;
        return fault.IsNone && isPrimary ? TakeSuperblock(buffer.Length) : fault;
    }

    /// <summary>A superblock that was replayed says how large the filesystem is from now on.</summary>
    private BlockFault TakeSuperblock(int length)
    {
        byte[] sector = new byte[length];
        if (length < Superblock.SizeMin || !_buffers.TryRead(0, sector)) return BlockFault.None;
        if (Geometry.Features.IsV5) Bytes.Crc32c.Write(sector, Superblock.At.CrcAt);
        BlockFault fault = Superblock.TryOpen(sector, out Superblock superblock);
        if (!fault.IsNone) return fault;
        if (superblock.AgCount < Geometry.AgCount || superblock.AgCount > XfsVolume.AgCountMax)
        {
            return BlockFault.Wrong("sb_agcount", $"at least {Geometry.AgCount}", $"{superblock.AgCount}");
        }

        Geometry = Geometry.Of(in superblock);
        return BlockFault.None;
    }

    private BlockFault ReplayDquot(LogItem item)
    {
        if (_quotasOn == DquotType.None) return BlockFault.None;
        BlockFault fault = DquotItem.TryOpen(item, out DquotItem dquot);
        if (!fault.IsNone || ((DquotType)dquot.Record[Dquot.TypeAt] & _quotasOn) == 0) return fault;
        _dquotReplay.Replay(in dquot, _lsn, Geometry.Features.IsV5);
        return BlockFault.None;
    }

    private BlockFault TakeIntent(LogItem item)
    {
        if (!LoggedIntents.Is(item.Type))
        {
            BlockFault damaged = IntentItem.TryReadDone(item, out ulong id);
            // Each "done" has the number after its intent's.
            if (damaged.IsNone) Intents.Done(item.Type - 1, id);
            return damaged;
        }

        BlockFault fault = LoggedIntents.TryRead(item, _lsn, out LoggedIntent? intent);
        if (intent is null) return fault;
        _counts.Intents++;
        Intents.Add(item.Type, intent);
        return fault;
    }
}
