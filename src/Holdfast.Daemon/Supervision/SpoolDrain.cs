// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Daemon.Api;

namespace Holdfast.Daemon.Supervision;

/// <summary>Brings what `holdfast report` left in the spool's folder into the ledger, in order.</summary>
internal static partial class SpoolDrain
{
    internal static async Task RunOnceAsync(
        DaemonServices services, IReportIntake intake, ILogger logger, CancellationToken cancellationToken)
    {
        var spool = new SpoolFolder(services.Configuration.SpoolPath, services.Configuration.SpoolBytesMax);
        spool.Sweep(DateTimeOffset.UtcNow);
        Exception? untaken = null;
        foreach (string file in spool.Waiting())
        {
            if (SpoolFolder.Read(file) is not { } request) continue;
            try
            {
                DeviceIdentity device = await new DeviceLookup(services, isRoot: true).FindAsync(request.Device);
                Report report = Requests.ReportOf(request, device);
                await intake.ReportAsync(report, cancellationToken);
                SpoolFolder.Remove(file);
            }
            catch (Problem problem)
            {
                // Its device may come back: only what can never be right is set aside.
                if (problem.Code == "unknown_device") continue;
                SpoolFolder.SetAside(file, problem.Message);
                SetAside(logger, file, problem.Message);
            }
            catch (LedgerUnavailableException)
            {
                return;
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                // One that cannot be taken keeps none behind it waiting (C11); that it cannot be is told at the end.
                untaken ??= fault;
            }
        }

        if (untaken is not null)
        {
            throw new InvalidDataException($"a report cannot be taken: {untaken.Message}", untaken);
        }
    }

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "{File} is no report and was set aside: {Why}")]
    private static partial void SetAside(ILogger logger, string file, string why);
}
