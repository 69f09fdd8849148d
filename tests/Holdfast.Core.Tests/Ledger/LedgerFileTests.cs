// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Ledger;

/// <summary>A ledger's file beside the daemon that writes it: copies and exports.</summary>
public sealed class LedgerFileTests : IDisposable
{
    private readonly Scratch _scratch = new("file");
    private readonly Reconciler _reconciler = LedgerRows.NewReconciler();

    public void Dispose() => _scratch.Dispose();

    private string LedgerPath => _scratch.PathOf("ledger.db");

    [Fact]
    public async Task A_backup_is_one_sound_moment_while_reports_go_on()
    {
        await using FailureLedger ledger = FailureLedger.Open(LedgerPath, TimeProvider.System);
        for (int i = 0; i < 200; i++) await ReportAsync(ledger, i);
        using var enough = new CancellationTokenSource();
        Task<int> writing = WriteOnAsync(ledger, enough.Token);
        string copy = _scratch.PathOf("copy.db");
        LedgerFile.Backup(LedgerPath, copy);
        enough.Cancel();
        int written = await writing;
        Assert.Empty(LedgerFile.Check(copy));
        Assert.Equal(["copy.db"], Directory.GetFiles(_scratch.Folder, "copy*").Select(file => Path.GetFileName(file)));
        await using FailureLedger again = FailureLedger.Open(copy, TimeProvider.System);
        long reports = await again.ReadAsync(
            session => session.Scalar<long>("SELECT count(*) FROM reports"), default);
        long failures = await again.ReadAsync(
            session => session.Scalar<long>("SELECT count(*) FROM failures"), default);
        Assert.InRange(reports, 200, 200 + written);
        Assert.Equal(reports, failures);
    }

    [Fact]
    public async Task A_backup_writes_over_nothing()
    {
        await using FailureLedger ledger = FailureLedger.Open(LedgerPath, TimeProvider.System);
        string copy = _scratch.PathOf("copy.db");
        File.WriteAllText(copy, "mine");
        Assert.Throws<IOException>(() => LedgerFile.Backup(LedgerPath, copy));
        Assert.Equal("mine", File.ReadAllText(copy));
    }

    [Fact]
    public async Task An_export_names_its_host_in_every_record_and_goes_on_where_the_last_one_ended()
    {
        await using FailureLedger ledger = FailureLedger.Open(LedgerPath, TimeProvider.System);
        LedgerHost host = await ledger.WriteAsync(
            session => HostRows.Ensure(session, new FailureIds(TimeProvider.System, new Random(7)), "alpha"), default);
        for (int i = 0; i < 1500; i++) _ = ReportAsync(ledger, i);
        await ReportAsync(ledger, 1500);
        (List<JsonElement> first, long at) = Export(0);
        Assert.Equal(1501, first.Count);
        Assert.All(first, line => Assert.Equal(
            ("alpha", host.Id), (line.GetProperty("host").GetString(), line.GetProperty("host_id").GetGuid())));
        Assert.Equal(first.Select(line => line.GetProperty("seq").GetInt64()).Order(), first.Select(Seq));
        await ReportAsync(ledger, 1501);
        (List<JsonElement> more, long end) = Export(at);
        Assert.Equal(end, Seq(Assert.Single(more)));
        Assert.Empty(Export(end).Lines);
    }

    [Fact]
    public async Task The_host_id_is_made_once_and_the_name_follows_the_host()
    {
        var ids = new FailureIds(TimeProvider.System, new Random(7));
        await using FailureLedger ledger = FailureLedger.Open(LedgerPath, TimeProvider.System);
        LedgerHost first = await ledger.WriteAsync(session => HostRows.Ensure(session, ids, "alpha"), default);
        LedgerHost second = await ledger.WriteAsync(session => HostRows.Ensure(session, ids, "beta"), default);
        Assert.Equal((first.Id, "beta"), (second.Id, second.Name));
        Assert.Equal(7, first.Id.Version);
    }

    private static long Seq(JsonElement line) => line.GetProperty("seq").GetInt64();

    private (List<JsonElement> Lines, long At) Export(long after)
    {
        using var output = new MemoryStream();
        long at = LedgerFile.Export(LedgerPath, output, after, "unknown");
        output.Position = 0;
        using var reader = new StreamReader(output);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return ([.. lines.Select(line => JsonDocument.Parse(line).RootElement)], at);
    }

    private Task<ReportReceipt> ReportAsync(FailureLedger ledger, int i) => ledger.WriteAsync(
        session => _reconciler.Apply(session, LedgerRows.ReportOf($"key {i}", new(i * 8192L, 512))), default);

    private async Task<int> WriteOnAsync(FailureLedger ledger, CancellationToken enough)
    {
        int written = 0;
        for (; !enough.IsCancellationRequested; written++) await ReportAsync(ledger, 100000 + written);
        return written;
    }
}
