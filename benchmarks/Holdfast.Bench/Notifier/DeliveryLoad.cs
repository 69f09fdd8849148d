// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using Holdfast.Client;
using Holdfast.Contract;

namespace Holdfast.Bench.Notifier;

/// <summary>
/// From the sending of a report to its notice at a subscriber, at a rate that is kept up whatever the answers do.
/// </summary>
internal sealed class DeliveryLoad(BenchDaemon daemon, ReportLoad reports)
{
    private const int Clients = 8;
    private const string Party = "bench";
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, long> _heard = new();

    /// <param name="warm">Before that nothing is measured: both programs are still being compiled.</param>
    internal async Task<(double PerSecond, Latencies Latencies)> MeasureAsync(
        int perSecond, TimeSpan warm, TimeSpan time)
    {
        time += warm;
        using var client = new DaemonClient(daemon.Socket);
        await client.PutPartyAsync(Party, new PartyRequest());
        using var stop = new CancellationTokenSource();
        Task listening = Task.Factory.StartNew(
            () => ListenAsync(client, stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .Unwrap();
        var sent = new ConcurrentDictionary<long, long>();
        long began = Stopwatch.GetTimestamp();
        var watch = Stopwatch.StartNew();
        Thread[] threads = [.. Enumerable.Range(0, Clients).Select(
            number => new Thread(() => SendPaced(number, perSecond, time, watch, sent)))];
        foreach (Thread thread in threads) thread.Start();
        await Task.Run(() => Array.ForEach(threads, thread => thread.Join()));
        double rate = sent.Count / watch.Elapsed.TotalSeconds;
        for (var waited = Stopwatch.StartNew(); _heard.Count < sent.Count && waited.Elapsed < LateMax;)
        {
            await Task.Delay(10);
        }

        if (_heard.Count < sent.Count)
        {
            string end = listening.IsCompleted ? "the feed ended" : "nothing more came";
            int missed = sent.Count - _heard.Count;
            throw new InvalidOperationException($"{missed} of {sent.Count} were not heard of: {end}");
        }

        await stop.CancelAsync();
        await listening;
        var latencies = new Latencies();
        long from = began + (long)(warm.TotalSeconds * Stopwatch.Frequency);
        foreach ((long offset, long at) in sent)
        {
            if (at >= from) latencies.Between(at, _heard[offset]);
        }

        return (rate, latencies);
    }

    private async Task ListenAsync(DaemonClient client, CancellationToken stop)
    {
        try
        {
            await foreach (NoticeJson notice in client.StreamAsync(Party, null, stop))
            {
                _heard[notice.Ranges[0].Offset] = Stopwatch.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    private void SendPaced(
        int number, int perSecond, TimeSpan time, Stopwatch watch, ConcurrentDictionary<long, long> sent)
    {
        using var connection = new RawConnection(daemon.Socket);
        for (int i = number; ; i += Clients)
        {
            TimeSpan due = TimeSpan.FromSeconds((double)i / perSecond);
            if (due > time) return;
            TimeSpan wait = due - watch.Elapsed;
            if (wait > TimeSpan.Zero) Thread.Sleep(wait);
            (long at, long offset) = reports.Send(connection, 1);
            sent[offset] = at;
        }
    }
}
