// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// The durable record of failures, notices and outcomes: a SQLite file with one writer. Many pieces of work share one
/// commit and its fsync; each has its answer only when that is done (C1). A ledger that cannot be written says so and
/// tries again by itself; one whose disk does not answer at all lets nobody wait for it.
/// </summary>
public sealed class FailureLedger : IAsyncDisposable
{
    /// <summary>Work that may wait; more makes its callers wait.</summary>
    private const int QueueDepthMax = 4096;

    /// <summary>
    /// Pieces of work in one commit: enough to share an fsync, few enough to keep the first from waiting.
    /// </summary>
    private const int BatchMax = 512;

    /// <summary>How often a ledger in trouble is tried, and whether the disk still answers is looked at.</summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(3);

    /// <summary>A disk that takes longer for a commit is taken for hung.</summary>
    private static readonly TimeSpan CommitTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>A hung disk holds its writer for good: closing does not wait for that.</summary>
    private static readonly TimeSpan CloseTimeMax = TimeSpan.FromSeconds(10);

    private readonly Channel<LedgerWork> _queue = Channel.CreateBounded<LedgerWork>(QueueDepthMax);
    private readonly CancellationTokenSource _closing = new();
    private readonly TimeProvider _time;
    private readonly LedgerReaders _readers;
    private readonly LedgerWriter _writer;
    private readonly Task _writing;
    private readonly Task _watching;
    private volatile LedgerWork[] _current = [];
    private long _commitBegan;
    private volatile string? _hung;

    private FailureLedger(LedgerDatabase database, TimeProvider time, ICommitGate? gate, bool isWatched)
    {
        _time = time;
        _readers = new(database, time);
        _writer = new(database, time, gate, _readers);
        _writing = WriteAsync();
        _watching = isWatched ? WatchAsync() : Task.CompletedTask;
    }

    /// <summary>Why the ledger cannot be written now; null while it can.</summary>
    public string? Trouble => _hung ?? _writer.Trouble;

    /// <summary>Whether it takes no more work.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Commits done, for metrics.</summary>
    public long Commits => _writer.Commits;

    /// <exception cref="LedgerFormatException">Not a ledger, newer than this program, or damaged.</exception>
    /// <exception cref="LedgerUnavailableException">It cannot be read or written now.</exception>
    public static FailureLedger Open(string path, TimeProvider time)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 };
        return new(LedgerDatabase.Open(builder.ToString()), time, gate: null, isWatched: true);
    }

    /// <summary>A ledger over any connection string, with commits that a simulation may fail.</summary>
    internal static FailureLedger Open(string connectionString, TimeProvider time, ICommitGate? gate) =>
        new(LedgerDatabase.Open(connectionString), time, gate, isWatched: false);

    /// <summary>Does a piece of work in a transaction; the task ends when it is durable.</summary>
    /// <exception cref="LedgerUnavailableException">Nothing of it counts as done.</exception>
    public Task<T> WriteAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken) =>
        WriteAsync(work, committed: null, cancellationToken);

    /// <param name="committed">Called by the writer, before anybody else hears of it: it must not wait.</param>
    internal async Task<T> WriteAsync<T>(
        Func<LedgerSession, T> work, Action? committed, CancellationToken cancellationToken)
    {
        if (_hung is { } hung) throw new LedgerUnavailableException(hung);
        var item = new LedgerWork<T>(work, committed);
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
    /// <exception cref="LedgerUnavailableException">It cannot be read now.</exception>
    public Task<T> ReadAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken) =>
        _readers.ReadAsync(work, cancellationToken);

    /// <summary>Lets go as a process that dies does: nothing more is done or answered.</summary>
    internal void Abandon()
    {
        IsClosed = true;
        _closing.Cancel();
        _readers.Dispose();
        _writer.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        IsClosed = true;
        _queue.Writer.TryComplete();
        _closing.Cancel();
        await _watching;
        try
        {
            await (_hung is null ? _writing : _writing.WaitAsync(CloseTimeMax, _time));
        }
        catch (TimeoutException)
        {
            // The writer is inside the kernel; what it holds goes with the process.
            return;
        }

        _readers.Dispose();
        _writer.Dispose();
        _closing.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<LedgerWork>(BatchMax);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && _queue.Reader.TryRead(out LedgerWork? work)) batch.Add(work);
            LedgerWork[] current = [.. batch];
            batch.Clear();
            _current = current;
            // 0 stands for none.
            Volatile.Write(ref _commitBegan, Math.Max(1, _time.GetTimestamp()));
            _writer.Commit(current);
            Volatile.Write(ref _commitBegan, 0);
            _current = [];
            _hung = null;
        }
    }

    /// <summary>Tries a ledger in trouble while nobody writes; tells those who wait for a hung disk.</summary>
    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(ProbeEvery, _time, _closing.Token);
                long began = Volatile.Read(ref _commitBegan);
                if (began != 0 && _time.GetElapsedTime(began) > CommitTimeMax) GiveUpWaiting();
                else if (began == 0 && _writer.Trouble is not null) Probe();
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    /// <summary>What comes of the commit nobody knows: whoever asks again needs the same key.</summary>
    private void GiveUpWaiting()
    {
        _hung = $"the ledger's disk has not answered for {CommitTimeMax.TotalSeconds:0} seconds";
        var told = new LedgerUnavailableException(_hung);
        foreach (LedgerWork work in _current) work.Failed(told);
        while (_queue.Reader.TryRead(out LedgerWork? work)) work.Failed(told);
        // It may have ended just now.
        if (Volatile.Read(ref _commitBegan) == 0) _hung = null;
    }

    private void Probe()
    {
        // Nobody waits for it: what comes of it is in Trouble.
        _queue.Writer.TryWrite(new LedgerWork<int>(session => session.Execute(
            "INSERT INTO meta VALUES ('probed', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
            session.Now)));
    }
}
