// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>A prepared statement. Values are long, int, bool, string, byte[], Guid (its 16 bytes), enums' numbers as
/// long, or null.</summary>
public sealed class LedgerStatement : IDisposable
{
    private readonly SqliteCommand _command;

    internal LedgerStatement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
    }

    internal int Execute(ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    internal T? Scalar<T>(ReadOnlySpan<object?> values)
    {
        Bind(values);
        object? value = _command.ExecuteScalar();
        return value is null or DBNull ? default : (T)value;
    }

    internal List<T> Rows<T>(Func<SqliteDataReader, T> row, ReadOnlySpan<object?> values)
    {
        Bind(values);
        using SqliteDataReader reader = _command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }

    internal T? Row<T>(Func<SqliteDataReader, T> row, ReadOnlySpan<object?> values)
        where T : class
    {
        Bind(values);
        using SqliteDataReader reader = _command.ExecuteReader();
        return reader.Read() ? row(reader) : null;
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        SqliteParameterCollection parameters = _command.Parameters;
        while (parameters.Count < values.Length)
        {
            _command.Parameters.Add(new SqliteParameter
            {
                ParameterName = string.Create(CultureInfo.InvariantCulture, $"?{parameters.Count + 1}"),
            });
        }

        for (int i = 0; i < values.Length; i++) parameters[i].Value = Stored(values[i]);
    }

    private static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        bool flag => flag ? 1L : 0L,
        Enum => throw new ArgumentException("an enum is stored as its number"),
        _ => value,
    };
}
