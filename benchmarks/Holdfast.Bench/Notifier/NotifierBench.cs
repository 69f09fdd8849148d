// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Bench.Notifier;

/// <summary>./bench --notifier: the daemon under load, beside what its disk can do.</summary>
internal static class NotifierBench
{
    private const int Clients = 16;
    private const int PageRuns = 50;
    private const int CommandRuns = 20;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    internal static async Task RunAsync(NotifierOptions options, TextWriter output)
    {
        TimeSpan time = TimeSpan.FromSeconds(options.Seconds);
        var rows = new List<NotifierRow>();
        using BenchDaemon daemon = await BenchDaemon.StartAsync(options.Daemon, options.Folder);
        await Task.Delay(Settle);
        double fresh = Megabytes(daemon);
        (double fsyncs, Latencies fsync) = FsyncRate.Measure(options.Folder, time / 2);
        rows.Add(new("bare fsync of the disk", fsyncs, "/s", Detail: Tails(fsync)));
        var reports = new ReportLoad(daemon);
        reports.Singles(Clients, time / 4);
        TimeSpan before = daemon.ProcessorTime;
        (double singles, Latencies answers) = reports.Singles(Clients, time);
        double used = (daemon.ProcessorTime - before) / time;
        rows.Add(new(
            "durable reports, 16 clients", singles, "/s", 8000, Detail: Invariant(
                $"{Tails(answers)}; daemon on {used:0.00} processors")));
        foreach (int ranges in (int[])[1000, 10_000])
        {
            double rate = reports.Batches(2, ranges, time);
            rows.Add(new(Invariant($"ranges, {ranges:#,0} in a report"), rate, "/s", 20_000));
        }

        var delivery = new DeliveryLoad(daemon, reports);
        (double offered, Latencies delivered) = await delivery.MeasureAsync(2000, time / 2, time);
        rows.Add(new(
            "report to delivery, p99", delivered.Milliseconds(0.99), "ms", 25, IsMost: true, Detail: Invariant(
                $"p50 {delivered.Milliseconds(0.5):0.0} ms at {offered:#,0}/s of 2,000/s offered")));
        reports.FillTo(options.Failures);
        await Task.Delay(TimeSpan.FromSeconds(options.RestSeconds));
        rows.Add(new("memory, fresh", fresh, "MB", 90, IsMost: true));
        rows.Add(new(
            Invariant($"memory, {options.RestSeconds} s after the storm"), Megabytes(daemon), "MB", 130, IsMost: true));
        Latencies page = Pages(daemon);
        string failures = Invariant($"of {reports.Ranges:#,0} failures");
        rows.Add(new(
            "first page by API", page.Milliseconds(0.5), "ms", 20, IsMost: true,
            Detail: Invariant($"{failures}; p99 {page.Milliseconds(0.99):0.0} ms")));
        Latencies command = Commands(options.Command, daemon);
        rows.Add(new(
            "the same by the command", command.Milliseconds(0.5), "ms", 150, IsMost: true,
            Detail: Invariant($"{failures}; least {command.Milliseconds(0):0} ms")));
        NotifierRow.Write(output, rows);
    }

    private static Latencies Pages(BenchDaemon daemon)
    {
        var latencies = new Latencies();
        byte[] request = RawConnection.Get("/v1/failures?limit=100");
        for (int i = 0; i < PageRuns; i++)
        {
            long began = Stopwatch.GetTimestamp();
            using var connection = new RawConnection(daemon.Socket);
            int status = connection.Ask(request);
            latencies.Since(began);
            if (status != 200) throw new InvalidOperationException($"a page was answered with {status}");
        }

        return latencies;
    }

    private static Latencies Commands(string command, BenchDaemon daemon)
    {
        var latencies = new Latencies();
        for (int i = 0; i < CommandRuns; i++)
        {
            var start = new ProcessStartInfo(command) { RedirectStandardOutput = true };
            foreach (string argument in (string[])["failures", "list", "--socket", daemon.Socket])
            {
                start.ArgumentList.Add(argument);
            }

            long began = Stopwatch.GetTimestamp();
            using Process process = Process.Start(start)!;
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            latencies.Since(began);
            if (process.ExitCode != 0 || text.Length == 0) throw new InvalidOperationException("the command failed");
        }

        return latencies;
    }

    private static double Megabytes(BenchDaemon daemon) => daemon.ResidentBytes / 1e6;

    private static string Tails(Latencies at) =>
        Invariant($"p50 {at.Milliseconds(0.5):0.00} ms, p99 {at.Milliseconds(0.99):0.00} ms");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
