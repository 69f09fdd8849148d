// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;

namespace Holdfast.Daemon.Supervision;

/// <summary>
/// Lets the ledger forget, at start and now and then, what was settled longer ago than the configuration says.
/// </summary>
internal static partial class RetentionRounds
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    internal static async Task RunAsync(DaemonServices services, ILogger logger, CancellationToken cancellationToken)
    {
        TimeSpan keep = TimeSpan.FromDays(services.Configuration.RetentionDays);
        try
        {
            while (true)
            {
                await RunOnceAsync(services, logger, keep, cancellationToken);
                await Task.Delay(Every, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    private static async Task RunOnceAsync(
        DaemonServices services, ILogger logger, TimeSpan keep, CancellationToken cancellationToken)
    {
        try
        {
            RetentionStep done = await Retention.RunAsync(services.Notifier.Ledger, keep, cancellationToken);
            if (done.Failures > 0) Forgot(logger, done.Failures, services.Configuration.RetentionDays);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // The ledger says itself what is wrong with it; the next round tries again.
            Failed(logger, fault.Message);
        }
    }

    [LoggerMessage(
        EventId = 20, Level = LogLevel.Information,
        Message = "forgot {Failures} failures settled over {Days} days ago")]
    private static partial void Forgot(ILogger logger, int failures, int days);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "nothing could be forgotten: {Why}")]
    private static partial void Failed(ILogger logger, string why);
}
