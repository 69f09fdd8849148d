// SPDX-License-Identifier: Apache-2.0
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Ledger;

/// <summary>What SQLite's errors mean for a ledger. Codes under their C names.</summary>
internal static class LedgerFault
{
    private const int SQLITE_ERROR = 1;
    private const int SQLITE_READONLY = 8;
    private const int SQLITE_IOERR = 10;
    private const int SQLITE_CORRUPT = 11;
    private const int SQLITE_CANTOPEN = 14;
    private const int SQLITE_PROTOCOL = 15;
    private const int SQLITE_TOOBIG = 18;
    private const int SQLITE_CONSTRAINT = 19;
    private const int SQLITE_MISMATCH = 20;
    private const int SQLITE_RANGE = 25;
    private const int SQLITE_NOTADB = 26;

    /// <summary>Our exception for one of SQLite's: damage is not the same as being away.</summary>
    internal static Exception Told(Exception fault) => fault is not SqliteException sqlite ? fault
        : sqlite.SqliteErrorCode is SQLITE_CORRUPT or SQLITE_NOTADB
            ? new LedgerFormatException($"the ledger is damaged: {fault.Message}", fault)
            : new LedgerUnavailableException($"the ledger cannot be read or written: {fault.Message}", fault);

    /// <summary>Whether it is a matter of the file or its disk, and not of the one piece of work that met it.</summary>
    internal static bool IsOfLedger(Exception fault) => fault is SqliteException
    {
        SqliteErrorCode: not (SQLITE_ERROR or SQLITE_TOOBIG or SQLITE_CONSTRAINT or SQLITE_MISMATCH or SQLITE_RANGE),
    };

    /// <summary>
    /// Whether the connection's picture of the file may not be trusted any more. A full disk is no such matter: SQLite
    /// has taken back what did not fit.
    /// </summary>
    internal static bool NeedsNewConnection(Exception fault) => fault is LedgerFormatException or SqliteException
    {
        SqliteErrorCode: SQLITE_READONLY or SQLITE_IOERR or SQLITE_CORRUPT or SQLITE_CANTOPEN or SQLITE_PROTOCOL
            or SQLITE_NOTADB,
    };
}
