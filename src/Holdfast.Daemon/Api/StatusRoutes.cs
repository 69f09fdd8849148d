// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Queries;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/status, /healthz, /readyz and /metrics.</summary>
internal static class StatusRoutes
{
    internal static async Task StatusAsync(Call call)
    {
        NotifierStatus status = await call.Services.StatusAsync(call.Aborted);
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
                Producers =
                [
                    .. call.Notifier.Producers.Select(at => new ProducerJson(
                        at.Name, at.IsRunning, at.Restarts, at.Reports, at.Offered, at.LastFault, at.LastFaultTime)),
                ],
                Scans = [.. services.Scans.All.Select(Answers.Of)],
                Degraded = services.Degraded(),
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
        NotifierStatus status = await call.Services.StatusAsync(call.Aborted);
        await TextAsync(call, 200, Metrics.Text(call.Services, status), "text/plain; version=0.0.4; charset=utf-8");
    }

    private static SpoolJson SpoolOf(Call call) =>
        new(call.Notifier.Spool.Waiting, call.Notifier.Spool.Bytes, call.Notifier.Spool.Dropped);

    private static Task TextAsync(Call call, int status, string text, string type = "text/plain; charset=utf-8")
    {
        call.Http.Response.StatusCode = status;
        call.Http.Response.ContentType = type;
        return call.Http.Response.WriteAsync(text, call.Aborted);
    }
}
