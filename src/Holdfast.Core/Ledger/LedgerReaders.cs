// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// Read-only connections, a few, kept open. A ledger in memory has none: there readers take turns with the writer on
/// its connection, which between commits holds only what is committed.
/// </summary>
/// <param name="database">Of the writer; used only where readers share it.</param>
/// <param name="time">For the sessions.</param>
internal sealed class LedgerReaders(LedgerDatabase database, TimeProvider time) : IDisposable
{
    private const int ConnectionsMax = 4;

    private readonly ConcurrentBag<(SqliteConnection Connection, LedgerSession Session)> _idle = [];
    private readonly SemaphoreSlim _free = new(ConnectionsMax);
    private readonly string _connectionString = database.ConnectionString;
    private readonly LedgerSession? _shared =
        LedgerDatabase.FileOf(database.ConnectionString) is null ? new(database.Connection, time) : null;

    private int _generation;

    internal async Task<T> ReadAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken)
    {
        if (_shared is not null) return Read(_shared, work);
        await _free.WaitAsync(cancellationToken);
        try
        {
            int generation = Volatile.Read(ref _generation);
            if (!_idle.TryTake(out (SqliteConnection Connection, LedgerSession Session) reader)) reader = Open();
            bool isTrusted = true;
            try
            {
                return Read(reader.Session, work);
            }
            catch (SqliteException fault) when (LedgerFault.NeedsNewConnection(fault))
            {
                isTrusted = false;
                throw;
            }
            finally
            {
                if (isTrusted && generation == Volatile.Read(ref _generation)) _idle.Add(reader);
                else Close(reader);
            }
        }
        catch (SqliteException fault)
        {
            throw LedgerFault.Told(fault);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _shared?.Dispose();
        LetGo();
        _free.Dispose();
    }

    /// <summary>Closes what is idle; what is in use is closed after that.</summary>
    internal void LetGo()
    {
        Interlocked.Increment(ref _generation);
        while (_idle.TryTake(out (SqliteConnection Connection, LedgerSession Session) reader)) Close(reader);
    }

    private static void Close((SqliteConnection Connection, LedgerSession Session) reader)
    {
        reader.Session.Dispose();
        reader.Connection.Dispose();
    }

    /// <summary>Several statements see one state: a read transaction around them.</summary>
    private static T Read<T>(LedgerSession session, Func<LedgerSession, T> work)
    {
        session.Execute("BEGIN");
        try
        {
            T read = work(session);
            session.Execute("COMMIT");
            return read;
        }
        catch
        {
            EndFailed(session);
            throw;
        }
    }

    private static void EndFailed(LedgerSession session)
    {
        try
        {
            session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // It ended with the error.
        }
    }

    private (SqliteConnection Connection, LedgerSession Session) Open()
    {
        var builder = new SqliteConnectionStringBuilder(_connectionString)
        {
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        var connection = new SqliteConnection(builder.ToString());
        try
        {
            connection.Open();
            return (connection, new(connection, time));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
