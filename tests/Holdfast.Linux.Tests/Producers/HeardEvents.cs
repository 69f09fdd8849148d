// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Producers;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>Hears and takes all that a producer says.</summary>
internal sealed class HeardEvents(IReportIntake? next = null) : IEventListener, IReportIntake
{
    internal ConcurrentQueue<Report> Reports { get; } = new();

    internal ConcurrentQueue<(DeviceIdentity Device, ByteRangeSet Ranges)> Suspects { get; } = new();

    internal ConcurrentQueue<(DeviceIdentity Device, ByteRangeSet Ranges)> LookedAt { get; } = new();

    internal ConcurrentQueue<(string Producer, long Count)> Losses { get; } = new();

    internal ConcurrentDictionary<string, string> Troubles { get; } = new();

    internal void Degraded(string check, string? what)
    {
        if (what is null) Troubles.TryRemove(check, out _);
        else Troubles[check] = what;
    }

    public ByteRangeSet News(DeviceIdentity device, ByteRangeSet ranges) => ranges;

    public void Reported(DeviceIdentity device, ByteRangeSet ranges) => Suspects.Enqueue((device, ranges));

    public void LookAt(DeviceIdentity device, ByteRangeSet ranges) => LookedAt.Enqueue((device, ranges));

    public void Lost(string producer, long count) => Losses.Enqueue((producer, count));

    public Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
    {
        Reports.Enqueue(report);
        return next?.ReportAsync(report, cancellationToken) ?? Task.FromResult(new ReportReceipt(1, false, []));
    }

    public void Offer(Report report)
    {
        Reports.Enqueue(report);
        next?.Offer(report);
    }
}
