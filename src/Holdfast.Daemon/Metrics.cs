// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Core;
using Holdfast.Core.Queries;
using Holdfast.Daemon.Scanning;

namespace Holdfast.Daemon;

/// <summary>One number that is watched, the same for Prometheus and for OTLP.</summary>
internal sealed record Metric(
    string Name, bool IsCounter, string Help, Func<DaemonServices, NotifierStatus, long> Read);

/// <summary>All of them.</summary>
internal static class Metrics
{
    internal static IReadOnlyList<Metric> All { get; } =
    [
        new("reports_total", true, "Reports accepted.", (at, _) => at.Counters.Reports),
        new("report_duplicates_total", true, "Reports whose key was known.", (at, _) => at.Counters.Duplicates),
        new("report_ranges_total", true, "Ranges in accepted reports.", (at, _) => at.Counters.Ranges),
        new("refused_connections_total", true, "Connections of who may not come in.", (at, _) => at.Counters.Refused),
        new("ledger_commits_total", true, "Commits of the ledger.", (at, _) => at.Notifier.Ledger.Commits),
        new("ledger_up", false, "1 while the ledger is well.", (at, _) => Flag(at.Notifier.Ledger.Trouble is null)),
        new("ledger_bytes", false, "Size of the ledger.", (_, status) => status.LedgerBytes),
        new("failures_open", false, "Failures nobody has settled.", (_, status) => status.OpenFailures),
        new("failures_open_bytes", false, "Bytes of open failures.", (_, status) => status.OpenBytes),
        new("notices_waiting", false, "Notices that wait for their filesystem.", (_, status) => status.Waiting),
        new("deliveries_pending", false, "Deliveries to be attempted.", (_, status) => status.PendingDeliveries),
        new("deliveries_dead", false, "Deliveries given up.", (_, status) => status.DeadDeliveries),
        new("deliveries_unknown", false, "Deliveries of unknown outcome.", (_, status) => status.UnknownDeliveries),
        new("spool_reports", false, "Reports that are not durable yet.", (at, _) => at.Notifier.Spool.Waiting),
        new("spool_dropped_total", true, "Reports that did not fit in.", (at, _) => at.Notifier.Spool.Dropped),
        new("producers", false, "Producers that run.", (at, _) => at.Notifier.Producers.Count(one => one.IsRunning)),
        new(
            "producer_restarts_total", true, "Times that a producer had to be started again.",
            (at, _) => at.Notifier.Producers.Sum(one => one.Restarts)),
        new(
            "scans_reading", false, "Scheduled scans that read now.",
            (at, _) => at.Scans.All.Count(scan => scan.Progress.Phase == ScanPhase.Reading)),
        new(
            "scan_bytes_total", true, "Bytes read by scheduled scans.",
            (at, _) => at.Scans.All.Sum(scan => scan.BytesRead)),
        new(
            "memory_pages_failed_total", true, "Pages of ordinary memory that the kernel gave up.",
            (at, _) => at.Counters.FailedPages),
        new("degraded", false, "Things that do not work as they should.", (at, _) => at.Degraded().Count),
    ];

    internal static string Text(DaemonServices services, NotifierStatus status)
    {
        var text = new StringBuilder();
        foreach (Metric metric in All)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"# HELP holdfast_{metric.Name} {metric.Help}\n"
                + $"# TYPE holdfast_{metric.Name} {(metric.IsCounter ? "counter" : "gauge")}\n"
                + $"holdfast_{metric.Name} {metric.Read(services, status)}\n");
        }

        return text.ToString();
    }

    private static long Flag(bool flag) => flag ? 1 : 0;
}
