// SPDX-License-Identifier: Apache-2.0
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// Commits batches through the one connection that writes, and opens it anew where SQLite's state or the disk under it
/// asks for that. Used by one task at a time; what it tells may be read from anywhere.
/// </summary>
internal sealed class LedgerWriter : IDisposable
{
    private readonly string _connectionString;
    private readonly string? _file;
    private readonly string? _id;
    private readonly TimeProvider _time;
    private readonly ICommitGate? _gate;
    private readonly LedgerReaders _readers;
    private LedgerDatabase? _database;
    private LedgerSession? _session;
    private volatile string? _trouble;
    private long _commits;

    internal LedgerWriter(LedgerDatabase database, TimeProvider time, ICommitGate? gate, LedgerReaders readers)
    {
        _database = database;
        _connectionString = database.ConnectionString;
        _file = LedgerDatabase.FileOf(database.ConnectionString);
        _time = time;
        _gate = gate;
        _readers = readers;
        _session = new(database.Connection, time);
        _id = IdOf(_session);
    }

    internal string? Trouble => _trouble;

    internal long Commits => Interlocked.Read(ref _commits);

    /// <summary>One transaction for all; one that fails by itself takes nobody with it.</summary>
    internal void Commit(ReadOnlySpan<LedgerWork> batch)
    {
        try
        {
            LedgerSession session = Ready();
            var done = new List<LedgerWork>(batch.Length);
            session.IsAlone = batch.Length == 1;
            session.Execute("BEGIN IMMEDIATE");
            foreach (LedgerWork work in batch)
            {
                if (TryRun(session, work)) done.Add(work);
            }

            _gate?.BeforeCommit();
            session.Execute("COMMIT");
            _gate?.AfterCommit();
            _trouble = null;
            Interlocked.Increment(ref _commits);
            foreach (LedgerWork work in done) work.Committed();
        }
        catch (Exception fault)
        {
            Exception told = LedgerFault.Told(fault);
            _trouble = told.Message;
            RollBack();
            if (_file is not null && LedgerFault.NeedsNewConnection(fault)) LetGo();
            foreach (LedgerWork work in batch) work.Failed(told);
        }
    }

    public void Dispose() => Close();

    /// <summary>
    /// A failed disk may have to be unmounted, repaired and mounted again: nobody may hold a file on it open meanwhile.
    /// </summary>
    private void LetGo()
    {
        Close();
        _readers.LetGo();
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
        _database?.Dispose();
        _database = null;
    }

    private LedgerSession Ready()
    {
        if (_file is not null && _session is not null && !File.Exists(_file))
        {
            // Whatever is committed into a file without a name is lost when it is closed.
            LetGo();
        }

        return _session ?? Reopen();
    }

    /// <summary>Never makes a file: where the filesystem is not mounted, nothing begins anew.</summary>
    private LedgerSession Reopen()
    {
        if (!File.Exists(_file)) throw new LedgerUnavailableException($"the ledger is gone: there is no {_file}");
        var builder = new SqliteConnectionStringBuilder(_connectionString) { Mode = SqliteOpenMode.ReadWrite };
        LedgerDatabase database = LedgerDatabase.Open(builder.ToString());
        try
        {
            var session = new LedgerSession(database.Connection, _time);
            if (IdOf(session) != _id)
            {
                throw new LedgerFormatException($"{_file} is another ledger than before: restart to go on with it");
            }

            _database = database;
            return _session = session;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static string? IdOf(LedgerSession session) =>
        session.Scalar<string>("SELECT value FROM meta WHERE name = 'ledger_id'");

    private static bool TryRun(LedgerSession session, LedgerWork work)
    {
        // A savepoint copies every page that changes: what is alone has the transaction for itself.
        if (!session.IsAlone) session.Execute("SAVEPOINT work");
        try
        {
            work.Run(session);
            if (!session.IsAlone) session.Execute("RELEASE work");
            return true;
        }
        catch (Exception fault) when (!LedgerFault.IsOfLedger(fault))
        {
            session.Execute(session.IsAlone ? "ROLLBACK" : "ROLLBACK TO work");
            session.Execute(session.IsAlone ? "BEGIN IMMEDIATE" : "RELEASE work");
            work.Failed(fault);
            return false;
        }
    }

    private void RollBack()
    {
        try
        {
            _session?.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does on a full disk.
        }
    }
}
