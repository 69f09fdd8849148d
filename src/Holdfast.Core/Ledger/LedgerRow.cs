// SPDX-License-Identifier: Apache-2.0
using SQLitePCL;

namespace Holdfast.Core.Ledger;

/// <summary>A row of a statement's answer, by column from 0. It is good until the next one.</summary>
public sealed class LedgerRow
{
    private readonly sqlite3_stmt _statement;

    internal LedgerRow(sqlite3_stmt statement) => _statement = statement;

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>0 where it is NULL.</summary>
    public long GetInt64(int column) => raw.sqlite3_column_int64(_statement, column);

    public double GetDouble(int column) => raw.sqlite3_column_double(_statement, column);

    /// <summary>Empty where it is NULL.</summary>
    public string GetString(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    /// <summary>A copy; empty where it is NULL.</summary>
    public byte[] GetBytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public long? Int64At(int column) => IsNull(column) ? null : GetInt64(column);

    public string? StringAt(int column) => IsNull(column) ? null : GetString(column);

    public byte[]? BytesAt(int column) => IsNull(column) ? null : GetBytes(column);

    internal object? ValueAt(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_INTEGER => GetInt64(column),
        raw.SQLITE_FLOAT => GetDouble(column),
        raw.SQLITE_TEXT => GetString(column),
        raw.SQLITE_BLOB => GetBytes(column),
        _ => null,
    };
}
