// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Producers;

/// <summary>Brings what the kernel says of a device to the ledger: suspect, and not to be refused (C1).</summary>
/// <param name="source">Who says so: begins with "kernel:".</param>
internal sealed class EventReport(
    IReportIntake intake, IEventListener listener, string source, KernelRoots roots)
{
    /// <summary>A ledger that takes longer is away: what the kernel says goes into memory then.</summary>
    private static readonly TimeSpan LedgerTimeMax = TimeSpan.FromSeconds(2);

    /// <param name="disk">As it is called now: names and numbers are given anew to other devices, and at once.</param>
    /// <param name="key">The same for the same event, whenever it is read.</param>
    /// <param name="isOld">From before the daemon: believed of devices with an identity of their own.</param>
    internal void Send(
        BlockDevice disk, ByteRangeSet ranges, string key, bool isOld, CancellationToken cancellationToken)
    {
        foreach ((DeviceIdentity device, ByteRangeSet part) in EventPlaces.Of(disk, ranges, roots))
        {
            if (isOld && !device.IsStable) continue;
            Send(device, part, $"{key}:{disk.Name}:{device.Identity}:{part[0].Offset}", cancellationToken);
        }
    }

    private void Send(DeviceIdentity device, ByteRangeSet ranges, string key, CancellationToken cancellationToken)
    {
        ByteRangeSet news = listener.News(device, ranges);
        if (news.IsEmpty) return;
        var report = new Report
        {
            Key = $"{source}:{key}",
            Source = source,
            Time = DateTimeOffset.UtcNow,
            Device = device,
            Basis = ReportBasis.Error,
            Ranges = news,
        };
        try
        {
            // In the ledger first: who reads the bytes with care must not be done before they are suspect.
            Task taken = intake.ReportAsync(report, cancellationToken);
            if (!EndsInTime(taken, cancellationToken)) intake.Offer(report);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Under its key it is the same report, should it have arrived all the same.
            intake.Offer(report);
        }

        listener.Reported(device, news);
    }

    /// <summary>
    /// Not by Task.Wait, which spins first: those who take the report in need the processor. Nothing is to be disposed
    /// of: it has no handle of the system's.
    /// </summary>
    private static bool EndsInTime(Task taken, CancellationToken cancellationToken)
    {
        var end = new ManualResetEventSlim(initialState: false, spinCount: 0);
        taken.ContinueWith(
            (_, state) => ((ManualResetEventSlim)state!).Set(), end, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (!end.Wait(LedgerTimeMax, cancellationToken)) return false;
        taken.GetAwaiter().GetResult();
        return true;
    }
}
