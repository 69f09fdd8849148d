// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// Read-only connections, a few, kept open. A ledger in memory has none: there readers take turns with the writer on
/// its connection, which between commits holds only what is committed.
/// </summary>
internal sealed class LedgerReaders(LedgerDatabase database, TimeProvider time) : IDisposable
{
    private const int ConnectionsMax = 4;

    private readonly ConcurrentBag<(SqliteConnection Connection, LedgerSession Session)> _idle = [];
    private readonly SemaphoreSlim _free = new(ConnectionsMax);
    private readonly LedgerSession? _shared =
        IsInMemory(database.ConnectionString) ? new(database.Connection, time) : null;

    internal async Task<T> ReadAsync<T>(Func<LedgerSession, T> work, CancellationToken cancellationToken)
    {
        if (_shared is not null) return Read(_shared, work);
        await _free.WaitAsync(cancellationToken);
        try
        {
            if (!_idle.TryTake(out (SqliteConnection Connection, LedgerSession Session) reader)) reader = Open();
            try
            {
                return Read(reader.Session, work);
            }
            finally
            {
                _idle.Add(reader);
            }
        }
        catch (SqliteException fault)
        {
            throw LedgerDatabase.Told(fault);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _shared?.Dispose();
        while (_idle.TryTake(out (SqliteConnection Connection, LedgerSession Session) reader))
        {
            reader.Session.Dispose();
            reader.Connection.Dispose();
        }

        _free.Dispose();
    }

    /// <summary>Several statements see one state: a read transaction around them.</summary>
    private static T Read<T>(LedgerSession session, Func<LedgerSession, T> work)
    {
        session.Execute("BEGIN");
        try
        {
            return work(session);
        }
        finally
        {
            session.Execute("COMMIT");
        }
    }

    private (SqliteConnection Connection, LedgerSession Session) Open()
    {
        var builder = new SqliteConnectionStringBuilder(database.ConnectionString)
        {
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        var connection = new SqliteConnection(builder.ToString());
        connection.Open();
        return (connection, new(connection, time));
    }

    private static bool IsInMemory(string connectionString) =>
        new SqliteConnectionStringBuilder(
            connectionString) is { DataSource: ":memory:" } or { Mode: SqliteOpenMode.Memory };
}
