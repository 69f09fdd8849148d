// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Intake;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core;

/// <summary>What producers report, and ask before they do.</summary>
public sealed partial class Notifier
{
    private const int SuspectsMax = 10_000;

    public async Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
    {
        FeedNews? news = null;
        (ReportReceipt receipt, bool isPublished) = await Ledger.WriteAsync(
            session =>
            {
                _atOnce.Foresee(session, report);
                try
                {
                    ReportReceipt taken = _reconciler.Apply(session, report);
                    return (taken, !taken.IsHeld || _atOnce.TryPublish(session, out news));
                }
                finally
                {
                    _atOnce.Forget();
                }
            },
            // Those who listen are the first to know.
            () => _listeners.Wake(news), cancellationToken);
        // In a storm from a disk that nobody holds there is nothing to resolve, and nobody to be woken for it.
        if (!isPublished) _publisher.Wake();
        return receipt;
    }

    public void Offer(Report report)
    {
        if (Spool.TryAdd(report)) _drain.Wake();
    }

    /// <summary>Suspect bytes that somebody of a source ("kernel:") blames, a bounded number of them.</summary>
    public Task<IReadOnlyList<(DeviceIdentity Device, ByteRange Range)>> SuspectsAsync(
        string source, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => FailureQueries.Suspects(session, source, SuspectsMax), cancellationToken);

    /// <summary>What is known of a device's medium, and what of it a source has named.</summary>
    public Task<KnownFailures> KnownFailuresAsync(
        string identity, string source, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => KnownFailures.Of(session, identity, source), cancellationToken);

    /// <summary>Whether anybody has to do with a device.</summary>
    public Task<DeviceStanding> StandingAsync(string identity, CancellationToken cancellationToken) =>
        Ledger.ReadAsync(session => DeviceStanding.Of(session, identity), cancellationToken);

    /// <summary>Devices that are said to be away.</summary>
    public Task<IReadOnlyList<DeviceIdentity>> AbsentDevicesAsync(CancellationToken cancellationToken) =>
        Ledger.ReadAsync(DeviceStanding.AllAbsent, cancellationToken);
}
