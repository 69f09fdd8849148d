// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holdfast.Core.Ledger;

/// <summary>
/// A prepared statement. Values are long, int, bool, string, byte[], Guid (its 16 bytes), enums' numbers as long, or
/// null. It is SQLite's own: what ADO.NET does around each use of one (names of parameters looked up, a reader made)
/// costs a report as much as SQLite itself.
/// </summary>
public sealed class LedgerStatement : IDisposable
{
    private const int ShortTextMax = 256;

    // SQLITE_STMTSTATUS_REPREPARE of sqlite3.h.
    private const int PreparedAnew = 5;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly LedgerRow _row;

    internal LedgerStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new ObjectDisposedException(nameof(connection));
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _row = new(_statement);
    }

    /// <summary>How often SQLite has prepared it anew by itself.</summary>
    internal int Repreparations => raw.sqlite3_stmt_status(_statement, PreparedAnew, 0);

    /// <returns>Rows changed.</returns>
    internal int Execute(ReadOnlySpan<object?> values)
    {
        try
        {
            Bind(values);
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    internal T? Scalar<T>(ReadOnlySpan<object?> values)
    {
        try
        {
            Bind(values);
            object? value = Step() ? _row.ValueAt(0) : null;
            return value is null ? default : (T)value;
        }
        finally
        {
            Reset();
        }
    }

    internal List<T> Rows<T>(Func<LedgerRow, T> row, ReadOnlySpan<object?> values)
    {
        try
        {
            Bind(values);
            var rows = new List<T>();
            while (Step()) rows.Add(row(_row));
            return rows;
        }
        finally
        {
            Reset();
        }
    }

    internal T? Row<T>(Func<LedgerRow, T> row, ReadOnlySpan<object?> values)
        where T : class
    {
        try
        {
            Bind(values);
            return Step() ? row(_row) : null;
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        int code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code != raw.SQLITE_DONE) Check(code);
        return false;
    }

    /// <summary>What went wrong in the last use is told by then; what was bound is not kept.</summary>
    private void Reset()
    {
        raw.sqlite3_reset(_statement);
        raw.sqlite3_clear_bindings(_statement);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++) Check(Bind(i + 1, values[i]));
    }

    private int Bind(int parameter, object? value)
    {
        switch (value)
        {
            case null:
                return raw.sqlite3_bind_null(_statement, parameter);
            case long number:
                return raw.sqlite3_bind_int64(_statement, parameter, number);
            case int number:
                return raw.sqlite3_bind_int64(_statement, parameter, number);
            case bool flag:
                return raw.sqlite3_bind_int64(_statement, parameter, flag ? 1 : 0);
            case string text:
                return BindText(parameter, text);
            case byte[] { Length: 0 }:
                // A blob at no address would be NULL.
                return raw.sqlite3_bind_zeroblob(_statement, parameter, 0);
            case byte[] bytes:
                return raw.sqlite3_bind_blob(_statement, parameter, bytes);
            case Guid id:
                Span<byte> sixteen = stackalloc byte[16];
                id.TryWriteBytes(sixteen, bigEndian: true, out _);
                return raw.sqlite3_bind_blob(_statement, parameter, sixteen);
            default:
                throw new ArgumentException($"a {value.GetType()} is not stored; an enum is stored as its number");
        }
    }

    private int BindText(int parameter, string text)
    {
        if (text.Length is 0 or > ShortTextMax) return raw.sqlite3_bind_text(_statement, parameter, text);
        Span<byte> bytes = stackalloc byte[ShortTextMax * 3];
        return raw.sqlite3_bind_text(_statement, parameter, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}
