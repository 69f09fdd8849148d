// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench.Notifier;
using Holdfast.Client;
using Holdfast.Contract;

namespace Holdfast.Bench.Events;

/// <summary>
/// ./bench --events: from a request that the kernel fails to the resolved notice at a subscriber, one at a time; and a
/// storm of failing requests, of which none may be lost without being counted.
/// </summary>
internal static class EventBench
{
    private const string Party = "bench";
    private const int Warm = 100;
    private static readonly TimeSpan Used = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(30);

    internal static async Task RunAsync(EventOptions options, TextWriter output)
    {
        var rows = new List<NotifierRow>();
        using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Daemon, options.Folder, options.Instance);
        using var client = new DaemonClient(daemon.Socket);
        // A ledger that has been in use for a while: its log is written over, and does not grow any more.
        new ReportLoad(daemon).Singles(clients: 1, Used);
        await client.PutPartyAsync(Party, new PartyRequest());
        await HeldAsync(client, options.Device);
        await Task.Delay(Settle);
        await LatencyAsync(options, daemon.Socket, rows);
        long before = (await client.StatusAsync()).OpenFailures;
        double resting = daemon.ResidentBytes / 1e6;
        await StormAsync(options, client, daemon, before, rows);
        rows.Add(new("memory, before the storm", resting, "MB"));
        NotifierRow.Write(output, rows);
    }

    private static async Task HeldAsync(DaemonClient client, string device)
    {
        string name = $"xfs-{Path.GetFileName(device)}";
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            HolderListJson holders = await client.ListHoldersAsync();
            if (holders.Items.Any(at => at.Name == name && at.State == "live")) return;
            if (waited.Elapsed > LateMax) throw new InvalidOperationException($"{device} is not held");
        }
    }

    private static async Task LatencyAsync(EventOptions options, string socket, List<NotifierRow> rows)
    {
        var suspect = new ConcurrentDictionary<long, TaskCompletionSource<long>>();
        var confirmed = new ConcurrentDictionary<long, TaskCompletionSource<long>>();
        using var subscriber = new RawSubscriber(
            socket, Party, (notice, now) => Hear(notice, now, suspect, confirmed));
        var fromEnd = new Latencies();
        var fromBegin = new Latencies();
        var toConfirmed = new Latencies();
        using var file = new FailingReads(options.File);
        for (int i = 0; i < options.Pages.Count; i++)
        {
            await Task.Delay(Rest);
            (long page, long place) = options.Pages[i];
            TaskCompletionSource<long> told = Of(suspect, place);
            TaskCompletionSource<long> sure = Of(confirmed, place);
            long began = Stopwatch.GetTimestamp();
            file.Fail(page);
            long ended = Stopwatch.GetTimestamp();
            long heard = await told.Task.WaitAsync(LateMax);
            long known = await sure.Task.WaitAsync(LateMax);
            if (i < Warm) continue;
            fromBegin.Between(began, heard);
            fromEnd.Between(ended, heard);
            toConfirmed.Between(ended, known);
        }

        Latencies bare = BareCommit.Measure(options.Folder, Rest);
        string detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{fromEnd.Count} errors; p50 {fromBegin.Milliseconds(0.5):0.0} ms from the request's beginning;"
            + $" a bare 64 KiB write and fsync after the same rest: {bare.Milliseconds(0.5):0.0} ms");
        rows.Add(new("kernel error to notice, p50", fromEnd.Milliseconds(0.5), "ms", 3, IsMost: true, Detail: detail));
        rows.Add(new(
            "kernel error to notice, p99", fromEnd.Milliseconds(0.99), "ms", 10, IsMost: true, Detail: string.Create(
                CultureInfo.InvariantCulture,
                $"confirmed by a careful reading: p50 {toConfirmed.Milliseconds(0.5):0.0} ms")));
    }

    private static void Hear(
        NoticeJson notice, long now, ConcurrentDictionary<long, TaskCompletionSource<long>> suspect,
        ConcurrentDictionary<long, TaskCompletionSource<long>> confirmed)
    {
        if (!notice.Complete) return;
        ConcurrentDictionary<long, TaskCompletionSource<long>>? of = notice.Medium switch
        {
            "suspect" => suspect,
            "confirmed" => confirmed,
            _ => null,
        };
        // Told of by its page: a request blames more than the one sector.
        if (of is not null) Of(of, notice.Ranges[0].Offset / FailingReads.Page).TrySetResult(now);
    }

    private static TaskCompletionSource<long> Of(
        ConcurrentDictionary<long, TaskCompletionSource<long>> all, long place) => all.GetOrAdd(
        place, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    private static async Task StormAsync(
        EventOptions options, DaemonClient client, BenchDaemon daemon, long before, List<NotifierRow> rows)
    {
        var peak = 0L;
        using var stop = new CancellationTokenSource();
        Task watching = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    peak = Math.Max(peak, daemon.ResidentBytes);
                    await Task.Delay(100);
                }
            },
            CancellationToken.None);
        var watch = Stopwatch.StartNew();
        long failed = await Task.Run(() => FailingReads.Storm(
            options.StormDevice, options.StormPerSecond, TimeSpan.FromSeconds(options.Seconds)));
        double rate = failed / watch.Elapsed.TotalSeconds;
        StatusJson status = await client.StatusAsync();
        long known = status.OpenFailures;
        for (long last = -1; known != last;)
        {
            last = known;
            await Task.Delay(TimeSpan.FromSeconds(3));
            status = await client.StatusAsync();
            known = status.OpenFailures;
        }

        await stop.CancelAsync();
        await watching;
        string lost = string.Join("; ", status.Degraded);
        long own = known - before;
        rows.Add(new("storm of failing requests", rate, "/s", 10_000, Detail: string.Create(
            CultureInfo.InvariantCulture, $"{failed:#,0} failed, {own:#,0} failures in the ledger of them")));
        rows.Add(new("failures neither known nor counted", lost.Length > 0 ? 0 : failed - own, "", Detail: lost));
        rows.Add(new("memory, most in the storm", peak / 1e6, "MB"));
    }
}
