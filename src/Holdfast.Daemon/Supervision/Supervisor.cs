// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core.Intake;
using Holdfast.Core.Queries;

namespace Holdfast.Daemon.Supervision;

/// <summary>
/// Looks after the daemon itself: the watchdog's sign of life, given only while the ledger's reader answers, and the
/// checks that /v1/status calls degraded.
/// </summary>
internal static partial class Supervisor
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    internal static async Task RunAsync(DaemonServices services, ILogger logger, CancellationToken cancellationToken)
    {
        TimeSpan round = SystemdNotifier.WatchdogPeriod is { } period && period < Round ? period : Round;
        var memory = new MemoryAtRest(TimeProvider.System);
        try
        {
            while (true)
            {
                await Task.Delay(round, cancellationToken);
                await RunOnceAsync(services, logger, cancellationToken);
                memory.Look(services.Notifier.Ledger.Commits);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    private static async Task RunOnceAsync(DaemonServices services, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            NotifierStatus status = await services.StatusOfLateAsync(cancellationToken)
                .WaitAsync(AnswerMax, cancellationToken);
            Tell(services, logger, "ledger", services.Notifier.Ledger.Trouble);
            Tell(services, logger, "ledger-device", await LedgerDevice.TroubleAsync(services, cancellationToken));
            foreach (ProducerState producer in services.Notifier.Producers)
            {
                string? fault = producer.IsRunning ? null : producer.LastFault;
                Tell(services, logger, $"producer {producer.Name}", fault is null ? null : $"{producer.Name}: {fault}");
            }

            string open = string.Create(CultureInfo.InvariantCulture, $"STATUS={status.OpenFailures} open failures");
            SystemdNotifier.Send($"WATCHDOG=1\n{open}");
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // No sign of life: if this lasts, the watchdog restarts us.
            Tell(services, logger, "ledger", $"the ledger does not answer: {fault.Message}");
        }
    }

    private static void Tell(DaemonServices services, ILogger logger, string check, string? what)
    {
        if (!services.Degradations.Set(check, what)) return;
        if (what is null) Well(logger, check);
        else Degraded(logger, what);
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{What}")]
    private static partial void Degraded(ILogger logger, string what);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "{Check} is well again")]
    private static partial void Well(ILogger logger, string check);
}
