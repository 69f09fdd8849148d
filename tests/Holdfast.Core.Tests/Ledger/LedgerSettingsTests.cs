// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Ledger;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>What the ledger asks of SQLite (C1).</summary>
public sealed class LedgerSettingsTests : IDisposable
{
    private readonly Scratch _scratch = new("settings");

    public void Dispose() => _scratch.Dispose();

    /// <summary>
    /// Another SQLite than the one that was tested, or one that was told less, may lose what was accepted.
    /// </summary>
    [Fact]
    public async Task The_ledger_runs_on_the_SQLite_it_was_tested_with_and_flushes_every_commit()
    {
        await using var ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), TimeProvider.System);
        (string? version, long synchronous, string? journal) = await ledger.WriteAsync(
            session => (
                session.Scalar<string>("SELECT sqlite_version()"), session.Scalar<long>("PRAGMA synchronous"),
                session.Scalar<string>("PRAGMA journal_mode")),
            default);
        Assert.Equal(("3.50.4", 2L, "wal"), (version, synchronous, journal));
        Assert.Equal(3_050_004, LedgerDatabase.SqliteVersionMin);
    }

    /// <summary>SQLite up to 3.51.2 can lose a commit where two connections write or checkpoint.</summary>
    [Fact]
    public async Task Only_one_connection_can_write_or_checkpoint()
    {
        await using var ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), TimeProvider.System);
        foreach (string sql in (string[])["DELETE FROM meta", "PRAGMA wal_checkpoint(PASSIVE)"])
        {
            await Assert.ThrowsAsync<LedgerUnavailableException>(
                () => ledger.ReadAsync(session => session.Execute(sql), default));
        }
    }

    /// <summary>SQLite prepares a statement anew with every value that may decide on a partial index.</summary>
    [Fact]
    public async Task A_statement_is_prepared_once_whatever_values_it_is_given()
    {
        await using var ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), TimeProvider.System);
        int Ask(LedgerSession session)
        {
            for (long i = 0; i < 10; i++) session.Scalar<long?>(Feed.ReadyOfInstance, i, i);
            return session.Statement(Feed.ReadyOfInstance).Repreparations;
        }

        Assert.Equal(0, await ledger.ReadAsync(Ask, default));
        Assert.Equal(0, await ledger.WriteAsync(Ask, default));
    }

    [Theory]
    [InlineData(Feed.ReadyOfInstance, "INDEX notices_ready (instance=?)")]
    [InlineData("SELECT count(*), total(length) FROM failures WHERE open", "COVERING INDEX failures_open")]
    [InlineData("SELECT id FROM failures WHERE open AND id > x'00' ORDER BY id LIMIT 100", "failures_open")]
    [InlineData("SELECT id FROM failures WHERE NOT open AND id > x'00' ORDER BY id LIMIT 100", "failures_closed")]
    public async Task What_is_asked_often_is_answered_from_an_index(string sql, string index)
    {
        await using var ledger = FailureLedger.Open(_scratch.PathOf("ledger.db"), TimeProvider.System);
        List<string> plan = await ledger.ReadAsync(
            session => session.Rows($"EXPLAIN QUERY PLAN {sql}", row => row.GetString(3)), default);
        Assert.Contains(index, Assert.Single(plan), StringComparison.Ordinal);
    }
}
