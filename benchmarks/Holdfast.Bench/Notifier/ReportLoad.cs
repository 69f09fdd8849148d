// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Holdfast.Bench.Notifier;

/// <summary>Reports of ranges that touch no other, so that each becomes a failure of its own.</summary>
internal sealed class ReportLoad(BenchDaemon daemon)
{
    private const long Sector = 4096;
    private const int Accepted = 202;

    private long _next;

    /// <summary>Ranges reported so far.</summary>
    internal long Ranges => Interlocked.Read(ref _next);

    /// <summary>Clients side by side, one report of one range outstanding each.</summary>
    internal (double PerSecond, Latencies Latencies) Singles(int clients, TimeSpan time) =>
        Run(clients, time, ranges: 1);

    /// <summary>Reports of many ranges each, until there are so many.</summary>
    internal double Batches(int clients, int ranges, TimeSpan time) => Run(clients, time, ranges).PerSecond * ranges;

    /// <summary>Fills the ledger up to a number of failures.</summary>
    internal void FillTo(long failures)
    {
        using var connection = new RawConnection(daemon.Socket);
        while (Ranges < failures) Send(connection, (int)Math.Min(10_000, failures - Ranges));
    }

    /// <returns>When it was sent, and the first offset in it.</returns>
    internal (long Sent, long Offset) Send(RawConnection connection, int ranges)
    {
        long first = Interlocked.Add(ref _next, ranges) - ranges;
        byte[] request = RequestOf(first, ranges);
        long sent = Stopwatch.GetTimestamp();
        int status = connection.Ask(request);
        if (status != Accepted) throw new InvalidOperationException($"a report was answered with {status}");
        return (sent, first * 2 * Sector);
    }

    private (double PerSecond, Latencies Latencies) Run(int clients, TimeSpan time, int ranges)
    {
        var all = new Latencies();
        var watch = Stopwatch.StartNew();
        Exception? fault = null;
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(_ => new Thread(() =>
        {
            try
            {
                Latencies own = RunOne(watch, time, ranges);
                lock (all) all.Add(own);
            }
            catch (Exception what)
            {
                fault = what;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (fault is not null) throw new InvalidOperationException("a client could not go on", fault);
        return (all.Count / watch.Elapsed.TotalSeconds, all);
    }

    private Latencies RunOne(Stopwatch watch, TimeSpan time, int ranges)
    {
        using var connection = new RawConnection(daemon.Socket);
        var latencies = new Latencies();
        while (watch.Elapsed < time)
        {
            (long sent, _) = Send(connection, ranges);
            latencies.Since(sent);
        }

        return latencies;
    }

    private byte[] RequestOf(long first, int ranges)
    {
        var body = new StringBuilder(128 + (ranges * 48));
        body.Append(
            CultureInfo.InvariantCulture,
            $$"""{"key":"bench-{{first}}","source":"bench","device":"{{daemon.Device}}","basis":"error","ranges":[""");
        for (int i = 0; i < ranges; i++)
        {
            if (i > 0) body.Append(',');
            body.Append(
                CultureInfo.InvariantCulture, $$"""{"offset":{{(first + i) * 2 * Sector}},"length":{{Sector}}}""");
        }

        return RawConnection.Post("/v1/reports", body.Append("]}").ToString());
    }
}
