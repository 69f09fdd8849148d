// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// The durable record of failures, notices and outcomes: a SQLite file with one writer. Many pieces of work share one
/// commit and its fsync; each has its answer only when that is done (C1).
/// </summary>
public sealed class FailureLedger : IAsyncDisposable
{
    /// <summary>Work that may wait; more makes its callers wait.</summary>
    private const int QueueDepthMax = 4096;

    /// <summary>
    /// Pieces of work in one commit: enough to share an fsync, few enough to keep the first from waiting.
    /// </summary>
    private const int BatchMax = 512;

    private readonly Channel<LedgerWork> _queue = Channel.CreateBounded<LedgerWork>(
        new BoundedChannelOptions(QueueDepthMax) { SingleReader = true });

    private readonly LedgerDatabase _database;
    private readonly LedgerSession _session;
    private readonly ICommitGate? _gate;
    private readonly LedgerReaders _readers;
    private readonly Task _writing;

    private FailureLedger(LedgerDatabase database, TimeProvider time, ICommitGate? gate)
    {
        _database = database;
        _gate = gate;
        _session = new(database.Connection, time);
        _readers = new(database, time);
        _writing = WriteAsync();
    }

    /// <summary>Why the ledger cannot be written now; null while it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Whether it takes no more work.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Commits done, for metrics.</summary>
    public long Commits { get; private set; }

    /// <exception cref="LedgerFormatException">Not a ledger, newer than this program, or damaged.</exception>
    /// <exception cref="LedgerUnavailableException">It cannot be read or written now.</exception>
    public static FailureLedger Open(string path, TimeProvider time)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 };
        return new(LedgerDatabase.Open(builder.ToString()), time, gate: null);
    }

    /// <summary>A ledger over any connection string, with commits that a simulation may fail.</summary>
    internal static FailureLedger Open(string connectionString, TimeProvider time, ICommitGate? gate) =>
        new(LedgerDatabase.Open(connectionString), time, gate);

    /// <summary>Does a piece of work in a transaction; the task ends when it is durable.</summary>
    /// <exception cref="LedgerUnavailableException">Nothing of it counts as done.</exception>
    public async Task<T> WriteAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken)
    {
        var item = new LedgerWork<T>(work);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new LedgerUnavailableException("the ledger is closed");
        }

        return await item.Done;
    }

    /// <summary>Reads what is committed, beside the writer.</summary>
    public Task<T> ReadAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken) =>
        _readers.ReadAsync(work, cancellationToken);

    /// <summary>Lets go as a process that dies does: nothing more is done or answered.</summary>
    internal void Abandon()
    {
        IsClosed = true;
        _readers.Dispose();
        _session.Dispose();
        _database.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        IsClosed = true;
        _queue.Writer.TryComplete();
        await _writing;
        _readers.Dispose();
        _session.Dispose();
        _database.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<LedgerWork>(BatchMax);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && _queue.Reader.TryRead(out LedgerWork? work)) batch.Add(work);
            Commit(batch);
            batch.Clear();
        }
    }

    /// <summary>One transaction for all; a savepoint each, so that one that fails takes nobody with it.</summary>
    private void Commit(List<LedgerWork> batch)
    {
        var done = new List<LedgerWork>(batch.Count);
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (LedgerWork work in batch)
            {
                if (TryRun(work)) done.Add(work);
            }

            _gate?.BeforeCommit();
            _session.Execute("COMMIT");
            _gate?.AfterCommit();
            Trouble = null;
            Commits++;
            foreach (LedgerWork work in done) work.Committed();
        }
        catch (Exception fault)
        {
            Exception told = fault is SqliteException sqlite ? LedgerDatabase.Told(sqlite) : fault;
            Trouble = told.Message;
            RollBack();
            foreach (LedgerWork work in batch) work.Failed(told);
        }
    }

    private bool TryRun(LedgerWork work)
    {
        _session.Execute("SAVEPOINT work");
        try
        {
            work.Run(_session);
            _session.Execute("RELEASE work");
            return true;
        }
        catch (Exception fault) when (fault is not SqliteException)
        {
            _session.Execute("ROLLBACK TO work");
            _session.Execute("RELEASE work");
            work.Failed(fault);
            return false;
        }
    }

    private void RollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does on a full disk.
        }
    }
}
