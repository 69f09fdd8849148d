// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Records;

namespace Holdfast.Xfs.Recovery.Transactions;

/// <summary>
/// Puts the operations of the records together to transactions, and hands out those that were committed, in the order
/// of their commits. Operations of a transaction whose start lies before the tail are passed over (L7). Memory is
/// bounded by the transactions that are open at one time, which the log's size bounds.
/// </summary>
internal sealed class LogTransactions
{
    private const byte ClientTransaction = 0x69;
    private const byte ClientLog = 0xaa;

    private const byte StartFlag = 0x01;
    private const byte CommitFlag = 0x02;
    private const byte ContinueFlag = 0x04;
    private const byte WasContinuedFlag = 0x08;
    private const byte EndFlag = 0x10;

    private readonly Dictionary<uint, LogTransaction> _open = [];
    private readonly Stack<LogTransaction> _unused = new();
    private readonly ILogVisitor _visitor;
    private bool _stopped;

    private LogTransactions(ILogVisitor visitor) => _visitor = visitor;

    /// <param name="log">The log.</param>
    /// <param name="state">Its ends.</param>
    /// <param name="visitor">What is told.</param>
    /// <returns>Where the walk could not go on. What was handed out before it is good.</returns>
    internal static LogFault Run(
        LogBlocks log, LogState state, ILogVisitor visitor, CancellationToken cancellationToken = default)
    {
        LogFault fault = LogRecordReader.Open(log, state.Tail.Block, state.Head.Block, out LogRecordReader? reader);
        if (reader is null) return fault;
        var walk = new LogTransactions(visitor);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            fault = reader.Next(out LogRecord? record);
            if (record is null) break;
            visitor.Record(record);
            BlockFault why = walk.Process(record);
            if (!why.IsNone) return LogFault.Corrupt(record.Block, why);
            if (walk._stopped) return LogFault.None;
            record.Release();
        }

        foreach (LogTransaction left in walk._open.Values) visitor.Uncommitted(left);
        return fault;
    }

    private BlockFault Process(LogRecord record)
    {
        int at = 0;
        for (uint left = record.OperationCount; left > 0 && at < record.Length && !_stopped; left--)
        {
            ReadOnlyMemory<byte> rest = record.Data[at..];
            if (rest.Length < LogOperationHeader.Size)
            {
                return BlockFault.OutOfBounds("h_num_logops", record.OperationCount, record.OperationCount - left);
            }

            LogOperationHeader operation = LogOperationHeader.Read(rest.Span);
            rest = rest[LogOperationHeader.Size..];
            if (operation.Length > rest.Length)
            {
                return BlockFault.OutOfBounds("oh_len", operation.Length, (ulong)rest.Length);
            }

            if (operation.Client is not (ClientTransaction or ClientLog))
            {
                return BlockFault.WrongHex("oh_clientid", ClientTransaction, operation.Client);
            }

            _visitor.Operation(record, operation);
            BlockFault fault = Process(record, operation, rest[..(int)operation.Length]);
            if (!fault.IsNone) return fault;
            at += LogOperationHeader.Size + (int)operation.Length;
        }

        return BlockFault.None;
    }

    private BlockFault Process(LogRecord record, LogOperationHeader operation, ReadOnlyMemory<byte> bytes)
    {
        if (!_open.TryGetValue(operation.TransactionId, out LogTransaction? transaction))
        {
            if ((operation.Flags & StartFlag) == 0) return BlockFault.None;
            transaction = _unused.Count > 0 ? _unused.Pop() : new();
            transaction.Start(operation.TransactionId, record.Lsn);
            _open.Add(operation.TransactionId, transaction);
            return BlockFault.None;
        }

        int flags = operation.Flags & ~EndFlag;
        if ((flags & WasContinuedFlag) != 0) flags &= ~ContinueFlag;
        switch (flags)
        {
            case 0 or ContinueFlag:
                return transaction.Add(record, bytes);
            case WasContinuedFlag:
                return transaction.Continue(bytes);
            case CommitFlag:
                transaction.CommitLsn = record.Lsn;
                _stopped = !_visitor.Transaction(transaction);
                Close(transaction);
                return BlockFault.None;
            case LogOperationHeader.UnmountFlag:
                Close(transaction);
                return BlockFault.None;
            default:
                return BlockFault.Wrong("oh_flags", "start, commit, continue or unmount", $"0x{operation.Flags:x}");
        }
    }

    private void Close(LogTransaction transaction)
    {
        _open.Remove(transaction.Id);
        transaction.Clear();
        _unused.Push(transaction);
    }
}
