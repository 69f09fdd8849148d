// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Daemon.Api;
using Holdfast.Linux.Interop;

namespace Holdfast.Daemon.Supervision;

/// <summary>
/// Brings what `holdfast report` left in the spool's folder into the ledger, in order. Whoever may report may write
/// there: a file is believed to be its owner's, and its owner may name no more than over the socket.
/// </summary>
internal static partial class SpoolDrain
{
    /// <summary>Files of one user that are looked at in one round: no user's keep another's waiting.</summary>
    private const int FilesMax = 1000;

    /// <summary>A device that has not come back by then was never there.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    internal static async Task RunOnceAsync(
        DaemonServices services, IReportIntake intake, ILogger logger, CancellationToken cancellationToken)
    {
        var spool = new SpoolFolder(services.Configuration.SpoolPath, services.Configuration.SpoolBytesMax);
        spool.Sweep(DateTimeOffset.UtcNow);
        Exception? untaken = null;
        var turns = new Dictionary<uint, int>();
        foreach (string file in spool.Waiting())
        {
            if (Users.OwnerOf(file) is { } user && !IsTurnOf(user, turns)) continue;
            if (SpoolFolder.Read(file) is not { } spooled) continue;
            try
            {
                Report report = await ReportOfAsync(services, spooled);
                await intake.ReportAsync(report, cancellationToken);
                SpoolFolder.Remove(file);
            }
            catch (Problem problem)
            {
                // Its device may come back: only what can never be right is set aside.
                if (problem.Code == "unknown_device" && !IsOld(file)) continue;
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

    private static async Task<Report> ReportOfAsync(DaemonServices services, SpooledReport spooled)
    {
        bool isRoot = spooled.Owner == 0 || spooled.Owner == Users.Effective;
        DeviceIdentity device = await new DeviceLookup(services, isRoot).FindAsync(spooled.Request.Device);
        return Requests.ReportOf(spooled.Request, device, isRoot ? null : spooled.Owner);
    }

    private static bool IsTurnOf(uint user, Dictionary<uint, int> turns) =>
        (turns[user] = turns.GetValueOrDefault(user) + 1) <= FilesMax;

    private static bool IsOld(string file) => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > WaitMax;

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "{File} is no report and was set aside: {Why}")]
    private static partial void SetAside(ILogger logger, string file, string why);
}
