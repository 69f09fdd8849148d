// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Client;
using Holdfast.Contract;
using Holdfast.Testing;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>C1: a ledger that cannot be written refuses with 503 ledger_unavailable, and recovers by itself.</summary>
public sealed class LedgerTroubleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [RootFact]
    public async Task C1_A_full_disk_refuses_and_is_used_again_when_there_is_space()
    {
        await using var run = new DurabilityRun(3);
        await run.StartAsync();
        using var client = new DaemonClient(run.Socket);
        Assert.False((await ReportAsync(client, run, 0)).Duplicate);
        run.Disk.Fill();
        int refused = await UntilAsync(() => RefusalAsync(client, run, from: 1));
        Assert.NotEqual(0, refused);
        run.Disk.Free();
        await UntilAcceptedAsync(client, run, refused);
        // What was refused never came in; what was accepted before is there.
        Assert.True((await ReportAsync(client, run, 0)).Duplicate);
        Assert.Null((await client.StatusAsync()).Ledger.Trouble);
    }

    [RootFact]
    public async Task C1_A_disk_that_fails_and_comes_back_read_only_refuses_until_it_can_be_written()
    {
        await using var run = new DurabilityRun(4);
        await run.StartAsync();
        using var client = new DaemonClient(run.Socket);
        Assert.False((await ReportAsync(client, run, 0)).Duplicate);
        run.Disk.Crash();
        int refused = await UntilAsync(() => RefusalAsync(client, run, from: 1));
        run.Disk.Unmount();
        run.Disk.Mount("ro");
        DaemonException still = await Assert.ThrowsAsync<DaemonException>(() => ReportAsync(client, run, refused));
        Assert.Equal("ledger_unavailable", still.Code);
        run.Disk.Remount("rw");
        await UntilAcceptedAsync(client, run, refused);
        Assert.True((await ReportAsync(client, run, 0)).Duplicate);
    }

    [RootFact]
    public async Task C1_On_a_read_only_disk_the_daemon_says_so_and_ends()
    {
        await using var run = new DurabilityRun(5);
        run.Disk.Remount("ro");
        int status = DaemonProcess.RunToEnd(run.Config, out string output);
        Assert.Equal(8, status);
        Assert.Contains("ledger", output, StringComparison.Ordinal);
        run.Disk.Remount("rw");
        await run.StartAsync();
        using var client = new DaemonClient(run.Socket);
        Assert.False((await ReportAsync(client, run, 0)).Duplicate);
    }

    private static Task<ReportAnswer> ReportAsync(DaemonClient client, DurabilityRun run, int number) =>
        client.ReportAsync(new ReportRequest
        {
            Key = $"trouble-{number}", Source = "test", Device = run.Device, Basis = "error",
            Ranges = [new(number * 2 * ReportingClients.Length, ReportingClients.Length)],
        });

    /// <summary>Reports until one is refused: the log has some room of its own.</summary>
    /// <returns>The number of the refused one; null when none was refused yet.</returns>
    private static async Task<int?> RefusalAsync(DaemonClient client, DurabilityRun run, int from)
    {
        for (int number = from; number < from + 20_000; number++)
        {
            try
            {
                await ReportAsync(client, run, number);
            }
            catch (DaemonException fault)
            {
                Assert.Equal(503, fault.Status);
                Assert.Equal("ledger_unavailable", fault.Code);
                return number;
            }
        }

        return null;
    }

    private static async Task UntilAcceptedAsync(DaemonClient client, DurabilityRun run, int number) =>
        await UntilAsync<ReportAnswer>(async () =>
        {
            try
            {
                return await ReportAsync(client, run, number);
            }
            catch (DaemonException fault) when (fault.Code == "ledger_unavailable")
            {
                return null;
            }
        });

    private static async Task<T> UntilAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            if (await ask() is { } answer) return answer;
            if (waited.Elapsed > Patience) throw new TimeoutException("it does not come to that");
            await Task.Delay(50);
        }
    }

    private static async Task<int> UntilAsync(Func<Task<int?>> ask) =>
        await ask() ?? throw new InvalidOperationException("nothing was refused");
}
