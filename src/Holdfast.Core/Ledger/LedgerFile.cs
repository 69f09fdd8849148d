// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Core.Intake;
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

    /// <summary>
    /// Copies it as it is at one moment, while the daemon goes on: through a connection that only reads, so that nobody
    /// who reports waits for the destination's disk. The copy is checked before it gets its name.
    /// </summary>
    /// <exception cref="IOException">Something is there already, or it cannot be written.</exception>
    public static void Backup(string path, string destination)
    {
        if (Path.Exists(destination)) throw new IOException($"{destination} is there already");
        using SqliteConnection connection = Open(path);
        string part = destination + ".part";
        try
        {
            // Nobody else reads what the ledger says of this host.
            var owner = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) owner.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (File.Open(part, owner))
            {
            }

            Told(() => Copy(connection, part));
            if (Check(part) is { Count: > 0 } faults)
            {
                throw new LedgerFormatException($"the copy of {path} is damaged: {faults[0]}");
            }

            File.Move(part, destination);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(destination))!);
        }
        finally
        {
            foreach (string ending in (string[])["", "-wal", "-shm", "-journal"]) File.Delete(part + ending);
        }
    }

    private static bool Copy(SqliteConnection connection, string part)
    {
        // One reading transaction: what is written meanwhile is not in it, and does not make it begin again.
        Execute(connection, "BEGIN");
        Execute(connection, "SELECT count(*) FROM sqlite_master");
        var builder = new SqliteConnectionStringBuilder { DataSource = part, Pooling = false };
        using var copy = new SqliteConnection(builder.ToString());
        copy.Open();
        connection.BackupDatabase(copy);
        // A copy is one file: no log beside it that would have to be kept with it.
        Execute(copy, "PRAGMA journal_mode = DELETE");
        Execute(connection, "COMMIT");
        return true;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteScalar();
    }

    /// <summary>
    /// Writes everything that happened to failures after a place, oldest first, one JSON object a line, each with its
    /// host as the ledger has it. Read in pieces: an export of any length keeps no version of the ledger alive.
    /// </summary>
    /// <param name="path">The ledger.</param>
    /// <param name="output">Where to.</param>
    /// <param name="after">The last place that is there already.</param>
    /// <param name="host">The host's name where the ledger does not say.</param>
    /// <returns>The last place written: where the next export goes on.</returns>
    public static long Export(string path, Stream output, long after, string host)
    {
        using SqliteConnection connection = Open(path);
        LedgerHost from;
        using (var session = new LedgerSession(connection, TimeProvider.System))
        {
            from = Told(() => HostRows.Find(session)) ?? new(Guid.Empty, host);
        }

        while (true)
        {
            using var piece = new MemoryStream();
            long at = after;
            after = Told(() => WritePiece(connection, piece, at, from));
            if (after == at) return after;
            piece.WriteTo(output);
        }
    }

    private static long WritePiece(SqliteConnection connection, Stream output, long after, LedgerHost host)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT h.seq, h.failure, h.revision, h.time, h.what, h.source, h.offset, h.length, h.note,
                d.identity, d.name, f.kind, f.medium, f.content, i.uuid
            FROM history h JOIN failures f ON f.id = h.failure JOIN devices d ON d.id = f.device
                LEFT JOIN instances i ON i.id = f.instance
            WHERE h.seq > $after ORDER BY h.seq LIMIT 1000
            """;
        command.Parameters.AddWithValue("$after", after);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            after = row.GetInt64(0);
            WriteLine(output, row, host);
        }

        return after;
    }

    private static void WriteLine(Stream output, SqliteDataReader row, LedgerHost host)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, row.GetInt64(0));
            json.WriteString("host"u8, host.Name);
            if (host.Id != Guid.Empty) json.WriteString("host_id"u8, host.Id);
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
            if (!row.IsDBNull(14)) json.WriteString("fs"u8, row.GetString(14));
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
