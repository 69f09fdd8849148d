// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Tests.Intake;

/// <summary>A ledger in memory, worked on directly: what is done inside one transaction needs no writer.</summary>
internal sealed class MemoryLedger : IDisposable
{
    private readonly LedgerDatabase _database = LedgerDatabase.Open("Data Source=:memory:");

    internal MemoryLedger(TimeProvider? time = null) =>
        Session = new LedgerSession(_database.Connection, time ?? TimeProvider.System);

    internal LedgerSession Session { get; }

    internal long Count(string sql) => Session.Scalar<long>($"SELECT count(*) FROM {sql}");

    public void Dispose()
    {
        Session.Dispose();
        _database.Dispose();
        SqliteConnection.ClearAllPools();
    }
}
