// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Contract;
using Holdfast.Core.Queries;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/status, /healthz, /readyz and /metrics.</summary>
internal static class StatusRoutes
{
    internal static async Task StatusAsync(Call call)
    {
        NotifierStatus status = await call.Notifier.StatusAsync(call.Aborted);
        DaemonServices services = call.Services;
        await call.AnswerAsync(
            new StatusJson
            {
                Host = call.Notifier.Host,
                Version = services.Version,
                Started = services.Started,
                OpenFailures = status.OpenFailures,
                OpenBytes = status.OpenBytes,
                Waiting = status.Waiting,
                DeadDeliveries = status.DeadDeliveries,
                UnknownDeliveries = status.UnknownDeliveries,
                PendingDeliveries = status.PendingDeliveries,
                Holders = status.Holders,
                Parties = status.Parties,
                Disarmed = status.Disarmed is not null,
                ActingEnabled = call.Notifier.Rules.ActingEnabled,
                Ledger = new(
                    services.Configuration.LedgerPath, call.Notifier.Ledger.Trouble, status.LedgerBytes,
                    status.LastSequence),
                Spool = SpoolOf(call),
                Degraded = DegradedOf(call),
            },
            ContractJson.Default.StatusJson);
    }

    /// <summary>The process answers.</summary>
    internal static Task HealthAsync(Call call) => TextAsync(call, 200, "ok\n");

    /// <summary>Reports would be accepted.</summary>
    internal static Task ReadyAsync(Call call) => call.Notifier.Ledger.Trouble is { } trouble
        ? TextAsync(call, 503, trouble + "\n")
        : TextAsync(call, 200, "ok\n");

    internal static async Task MetricsAsync(Call call)
    {
        NotifierStatus status = await call.Notifier.StatusAsync(call.Aborted);
        Counters counters = call.Services.Counters;
        var text = new StringBuilder();
        Add(text, "reports_total", "counter", "Reports accepted.", counters.Reports);
        Add(text, "report_duplicates_total", "counter", "Reports whose key was known.", counters.Duplicates);
        Add(text, "report_ranges_total", "counter", "Ranges in accepted reports.", counters.Ranges);
        Add(text, "refused_connections_total", "counter", "Connections of users outside the group.", counters.Refused);
        Add(text, "ledger_commits_total", "counter", "Commits of the ledger.", call.Notifier.Ledger.Commits);
        Add(text, "ledger_up", "gauge", "1 while the ledger can be written.", call.Notifier.Ledger.Trouble is null ? 1
            : 0);
        Add(text, "ledger_bytes", "gauge", "Size of the ledger.", status.LedgerBytes);
        Add(text, "failures_open", "gauge", "Failures nobody has settled.", status.OpenFailures);
        Add(text, "failures_open_bytes", "gauge", "Bytes of open failures.", status.OpenBytes);
        Add(text, "notices_waiting", "gauge", "Notices that wait for their filesystem.", status.Waiting);
        Add(text, "deliveries_pending", "gauge", "Deliveries to be attempted.", status.PendingDeliveries);
        Add(text, "deliveries_dead", "gauge", "Deliveries given up.", status.DeadDeliveries);
        Add(text, "deliveries_unknown", "gauge", "Deliveries whose outcome is unknown.", status.UnknownDeliveries);
        Add(text, "spool_reports", "gauge", "Reports that are not durable yet.", call.Notifier.Spool.Waiting);
        Add(text, "spool_dropped_total", "counter", "Reports that did not fit into the spool.",
            call.Notifier.Spool.Dropped);
        Add(text, "degraded", "gauge", "Things that do not work as they should.", DegradedOf(call).Count);
        await TextAsync(call, 200, text.ToString(), "text/plain; version=0.0.4; charset=utf-8");
    }

    private static SpoolJson SpoolOf(Call call) =>
        new(call.Notifier.Spool.Waiting, call.Notifier.Spool.Bytes, call.Notifier.Spool.Dropped);

    private static List<string> DegradedOf(Call call)
    {
        var degraded = new List<string>(call.Services.Degradations.All);
        if (call.Notifier.Ledger.Trouble is { } trouble) degraded.Add(trouble);
        if (call.Notifier.Spool.Dropped is > 0 and var dropped)
        {
            degraded.Add(string.Create(CultureInfo.InvariantCulture, $"{dropped} reports did not fit into the spool"));
        }

        return degraded;
    }

    private static void Add(StringBuilder text, string name, string type, string help, long value) => text.Append(
        CultureInfo.InvariantCulture,
        $"# HELP holdfast_{name} {help}\n# TYPE holdfast_{name} {type}\nholdfast_{name} {value}\n");

    private static Task TextAsync(Call call, int status, string text, string type = "text/plain; charset=utf-8")
    {
        call.Http.Response.StatusCode = status;
        call.Http.Response.ContentType = type;
        return call.Http.Response.WriteAsync(text, call.Aborted);
    }
}
