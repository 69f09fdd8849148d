// SPDX-License-Identifier: Apache-2.0
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// What a piece of work on the ledger is given: statements, prepared once and kept, inside one transaction. It is good
/// only while the work runs, on one thread.
/// </summary>
public sealed class LedgerSession : IDisposable
{
    // SQLITE_DBCONFIG_ENABLE_QPSG of sqlite3.h.
    private const int StablePlans = 1007;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, LedgerStatement> _statements = [];

    internal LedgerSession(SqliteConnection connection, TimeProvider time)
    {
        _connection = connection;
        Time = time;
        // Else SQLite looks whether a value lets it use a partial index, and prepares the statement anew with each.
        _ = SQLitePCL.raw.sqlite3_db_config(connection.Handle, StablePlans, 1, out _);
    }

    public TimeProvider Time { get; }

    /// <summary>The commit is this piece of work's alone: nobody else waits for it.</summary>
    internal bool IsAlone { get; set; }

    /// <summary>Now, in the ledger's own unit.</summary>
    public long Now => Microseconds(Time.GetUtcNow());

    public static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    public static DateTimeOffset TimeOf(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);

    /// <summary>
    /// A statement with its parameters ?1, ?2, … in order. <paramref name="sql"/> should be a constant.
    /// </summary>
    public LedgerStatement Statement(string sql)
    {
        if (_statements.TryGetValue(sql, out LedgerStatement? known)) return known;
        var statement = new LedgerStatement(_connection, sql);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Statement(sql).Execute(values);

    /// <summary>The first column of the first row, or the default where there is none or it is NULL.</summary>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> values) => Statement(sql).Scalar<T>(values);

    /// <summary>Whether the first column of the first row is anything but 0.</summary>
    public bool Flag(string sql, params ReadOnlySpan<object?> values) => Scalar<long>(sql, values) != 0;

    /// <summary>All rows, each made into a value; bounded by the statement's own LIMIT.</summary>
    public List<T> Rows<T>(string sql, Func<LedgerRow, T> row, params ReadOnlySpan<object?> values) =>
        Statement(sql).Rows(row, values);

    public T? Row<T>(string sql, Func<LedgerRow, T> row, params ReadOnlySpan<object?> values)
        where T : class => Statement(sql).Row(row, values);

    public void Dispose()
    {
        foreach (LedgerStatement statement in _statements.Values) statement.Dispose();
        _statements.Clear();
    }
}
