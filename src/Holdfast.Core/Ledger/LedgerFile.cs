// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// A ledger's file, looked at beside the daemon: checked, copied, written out. Opened read-only: only the daemon's one
/// connection ever writes or checkpoints.
/// </summary>
public static class LedgerFile
{
    /// <summary>Every fault of its structure; none where it is sound.</summary>
    /// <exception cref="LedgerFormatException">It is no ledger.</exception>
    /// <exception cref="LedgerUnavailableException">It cannot be read.</exception>
    public static IReadOnlyList<string> Check(string path)
    {
        using SqliteConnection connection = Open(path);
        return Told(() =>
        {
            var faults = new List<string>();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(100)";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (reader.GetString(0) is not "ok" and var fault) faults.Add(fault);
            }

            return faults;
        });
    }

    /// <summary>Copies it as it is at one moment, while the daemon goes on.</summary>
    /// <exception cref="IOException">There is something at the destination already.</exception>
    public static void Backup(string path, string destination)
    {
        if (File.Exists(destination)) throw new IOException($"{destination} is there already");
        using SqliteConnection connection = Open(path);
        Told(() =>
        {
            var builder = new SqliteConnectionStringBuilder { DataSource = destination, Pooling = false };
            using var copy = new SqliteConnection(builder.ToString());
            copy.Open();
            connection.BackupDatabase(copy);
            return true;
        });
    }

    /// <summary>
    /// Writes everything that happened to failures after a place, oldest first, one JSON object a line, each with its
    /// host.
    /// </summary>
    /// <returns>The last place written: where the next export goes on.</returns>
    public static long Export(string path, Stream output, long after, string host)
    {
        using SqliteConnection connection = Open(path);
        return Told(() =>
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = """
                SELECT h.seq, h.failure, h.revision, h.time, h.what, h.source, h.offset, h.length, h.note,
                    d.identity, d.name, f.kind, f.medium, f.content
                FROM history h JOIN failures f ON f.id = h.failure JOIN devices d ON d.id = f.device
                WHERE h.seq > $after ORDER BY h.seq
                """;
            command.Parameters.AddWithValue("$after", after);
            using SqliteDataReader row = command.ExecuteReader();
            while (row.Read())
            {
                after = row.GetInt64(0);
                WriteLine(output, row, host);
            }

            return after;
        });
    }

    private static void WriteLine(Stream output, SqliteDataReader row, string host)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, row.GetInt64(0));
            json.WriteString("host"u8, host);
            json.WriteString("failure"u8, new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true));
            json.WriteNumber("revision"u8, row.GetInt64(2));
            json.WriteString("time"u8, LedgerSession.TimeOf(row.GetInt64(3)).ToString(
                "O", CultureInfo.InvariantCulture));
            json.WriteString("what"u8, row.GetString(4));
            json.WriteString("source"u8, row.GetString(5));
            json.WriteNumber("offset"u8, row.GetInt64(6));
            json.WriteNumber("length"u8, row.GetInt64(7));
            if (!row.IsDBNull(8)) json.WriteString("note"u8, row.GetString(8));
            json.WriteString("device"u8, row.GetString(9));
            json.WriteString("device_name"u8, row.GetString(10));
            json.WriteString("kind"u8, Contract.Words.Of((Records.FailureKind)row.GetInt64(11)));
            json.WriteString("medium"u8, Contract.Words.Of((Records.MediumState)row.GetInt64(12)));
            json.WriteString("content"u8, Contract.Words.Of((Records.ContentState)row.GetInt64(13)));
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static SqliteConnection Open(string path)
    {
        if (!File.Exists(path)) throw new LedgerUnavailableException($"there is no {path}");
        var builder = new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false,
        };
        var connection = new SqliteConnection(builder.ToString());
        try
        {
            return Told(() =>
            {
                connection.Open();
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "PRAGMA application_id";
                if (command.ExecuteScalar() is not (long)LedgerDatabase.ApplicationId)
                {
                    throw new LedgerFormatException($"{path} is no ledger of Holdfast");
                }

                return connection;
            });
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static T Told<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException fault)
        {
            throw LedgerFault.Told(fault);
        }
    }
}
