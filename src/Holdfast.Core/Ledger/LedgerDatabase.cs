// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>
/// The one connection that writes and checkpoints. SQLite up to 3.51.2 can lose a commit where two connections do that
/// at once, so nobody else does: other connections are opened read-only.
/// </summary>
internal sealed class LedgerDatabase : IDisposable
{
    /// <summary>"Hold" in ASCII: marks the file as a ledger (PRAGMA application_id).</summary>
    internal const int ApplicationId = 0x486F6C64;

    static LedgerDatabase()
    {
        // Nobody reads SQLite's count of its memory, and every allocation of every connection would wait for its lock.
        SQLitePCL.Batteries_V2.Init();
        _ = SQLitePCL.raw.sqlite3_config(SqliteConfigMemoryStatus, 0);
        // No connection is used by two threads at a time: none needs a lock around each call.
        _ = SQLitePCL.raw.sqlite3_config(SqliteConfigMultiThread);
    }

    private readonly IDisposable? _lock;

    private LedgerDatabase(SqliteConnection connection, string connectionString, IDisposable? held)
    {
        _lock = held;
        Connection = connection;
        ConnectionString = connectionString;
    }

    // SQLITE_CONFIG_MULTITHREAD and SQLITE_CONFIG_MEMSTATUS of sqlite3.h.
    private const int SqliteConfigMultiThread = 2;
    private const int SqliteConfigMemoryStatus = 9;

    /// <summary>3.50.4: what the ledger is tested with; as sqlite3_libversion_number() has it.</summary>
    internal const int SqliteVersionMin = 3_050_004;

    internal SqliteConnection Connection { get; }

    internal string ConnectionString { get; }

    /// <summary>Opens or creates, checks, and brings the schema to this version.</summary>
    /// <param name="connectionString">Of Microsoft.Data.Sqlite.</param>
    /// <exception cref="LedgerFormatException">Not a ledger, newer than this program, or damaged.</exception>
    /// <exception cref="LedgerUnavailableException">It cannot be read or written now, or is another's.</exception>
    internal static LedgerDatabase Open(string connectionString)
    {
        string? file = FileOf(connectionString);
        IDisposable? held = null;
        if (file is not null)
        {
            if (Directory.Exists(file)) throw new LedgerFormatException($"{file} is a folder, not a ledger");
            held = LedgerLock.Take(file);
        }

        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            var database = new LedgerDatabase(connection, connectionString, held);
            database.SetUp();
            return database;
        }
        catch (SqliteException fault)
        {
            connection.Dispose();
            held?.Dispose();
            throw LedgerFault.Told(fault);
        }
        catch
        {
            connection.Dispose();
            held?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Connection.Dispose();
        _lock?.Dispose();
    }

    /// <summary>The file under a connection string; null where the database is only in memory.</summary>
    internal static string? FileOf(string connectionString) =>
        new SqliteConnectionStringBuilder(connectionString) is
            { Mode: not SqliteOpenMode.Memory, DataSource: not ":memory:" } at
            ? at.DataSource
            : null;

    internal void Execute(string sql)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private string Ask(string sql)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    private void SetUp()
    {
        int version = SQLitePCL.raw.sqlite3_libversion_number();
        if (version < SqliteVersionMin)
        {
            throw new LedgerUnavailableException(
                $"SQLite {SQLitePCL.raw.sqlite3_libversion().utf8_to_string()} is older than the ledger needs");
        }

        SetUpSchema();
        // Anything less, and what was accepted may be gone after a power failure (C1).
        if (Ask("PRAGMA synchronous") != "2") throw new LedgerUnavailableException("SQLite refuses synchronous = FULL");
    }

    private void SetUpSchema()
    {
        long tables = long.Parse(Ask("SELECT count(*) FROM sqlite_master"), CultureInfo.InvariantCulture);
        int application = int.Parse(Ask("PRAGMA application_id"), CultureInfo.InvariantCulture);
        if (tables > 0 && application != ApplicationId)
        {
            throw new LedgerFormatException("the file is a SQLite database, but no ledger of Holdfast");
        }

        int version = int.Parse(Ask("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > Schema.Migrations.Length)
        {
            throw new LedgerFormatException(
                $"the ledger has version {version}; this program knows versions up to {Schema.Migrations.Length}");
        }

        // A ledger that is only in memory has no log.
        string journal = Ask("PRAGMA journal_mode = WAL");
        if (journal is not "wal" and not "memory") throw new LedgerUnavailableException($"no WAL: {journal}");
        Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -8192;"
            + " PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY");
        if (version > 0 && Ask("PRAGMA quick_check(1)") is not "ok" and var found)
        {
            throw new LedgerFormatException($"the ledger is damaged: {found}");
        }

        // A file that can only be read opens like any other, and fails at the first commit.
        Execute("BEGIN IMMEDIATE; ROLLBACK");
        for (; version < Schema.Migrations.Length; version++)
        {
            Execute($"BEGIN IMMEDIATE; {Schema.Migrations[version]} PRAGMA application_id = {ApplicationId};"
                + $" PRAGMA user_version = {version + 1}; COMMIT");
        }
    }
}
