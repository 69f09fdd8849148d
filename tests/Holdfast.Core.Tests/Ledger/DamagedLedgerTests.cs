// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Testing;
using Microsoft.Data.Sqlite;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>What is no sound ledger is refused with the reason, and is left as it was.</summary>
public sealed class DamagedLedgerTests : IDisposable
{
    private readonly Scratch _scratch = new("damage");

    public void Dispose() => _scratch.Dispose();

    private string LedgerPath => _scratch.PathOf("ledger.db");

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        byte[] text = [.. Enumerable.Repeat((byte)'x', 8192)];
        File.WriteAllBytes(LedgerPath, text);
        Refused();
        Assert.Equal(text, File.ReadAllBytes(LedgerPath));
    }

    [Fact]
    public void A_database_of_something_else_is_refused_and_left_alone()
    {
        Sql("CREATE TABLE songs (name TEXT)");
        byte[] before = File.ReadAllBytes(LedgerPath);
        Refused();
        Assert.Equal(before, File.ReadAllBytes(LedgerPath));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_refused_by_its_version()
    {
        await MakeAsync(1);
        Sql("PRAGMA user_version = 99");
        LedgerFormatException refused = Refused();
        Assert.Contains("99", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(1, 64)]
    public async Task A_truncated_ledger_is_refused(int part, int of)
    {
        await MakeAsync(500);
        using (FileStream file = File.OpenWrite(LedgerPath)) file.SetLength(file.Length * part / of / 512 * 512);
        Refused();
    }

    [Fact]
    public async Task Damage_of_any_page_is_found_by_the_check()
    {
        await MakeAsync(200);
        byte[] sound = File.ReadAllBytes(LedgerPath);
        int found = 0;
        const int page = 4096;
        for (int at = 0; at < sound.Length; at += page)
        {
            byte[] damaged = [.. sound];
            new Random(at).NextBytes(damaged.AsSpan(at, page));
            File.WriteAllBytes(LedgerPath, damaged);
            try
            {
                if (LedgerFile.Check(LedgerPath).Count > 0) found++;
            }
            catch (Exception fault) when (fault is LedgerFormatException or LedgerUnavailableException)
            {
                found++;
            }
        }

        // Every page of a fresh ledger is in use.
        Assert.Equal(sound.Length / page, found);
    }

    [Fact]
    public async Task An_empty_file_becomes_a_ledger()
    {
        File.WriteAllBytes(LedgerPath, []);
        await MakeAsync(1);
        Assert.Empty(LedgerFile.Check(LedgerPath));
    }

    private LedgerFormatException Refused() =>
        Assert.Throws<LedgerFormatException>(() => FailureLedger.Open(LedgerPath, TimeProvider.System));

    private async Task MakeAsync(int reports)
    {
        await using FailureLedger ledger = FailureLedger.Open(LedgerPath, TimeProvider.System);
        Reconciler reconciler = LedgerRows.NewReconciler();
        await Task.WhenAll(Enumerable.Range(0, reports).Select(i => ledger.WriteAsync(
            session => reconciler.Apply(session, LedgerRows.ReportOf($"key {i}", new(i * 8192L, 512))), default)));
    }

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={LedgerPath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
