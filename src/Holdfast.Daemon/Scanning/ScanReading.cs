// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Core.Configuration;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Media;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// Reads on in one round of a scan, on a thread of its own that may hang. What is found bad is reported as it is found,
/// and only then written down as read; what reads is told at the end of the round, and never of an interrupted one
/// (C8).
/// </summary>
/// <param name="file">Of the round's <see cref="ScanRecord"/>.</param>
/// <param name="progressed">Told of bytes read, bytes wanted and bytes bad, of the whole round.</param>
internal sealed class ScanReading(
    ConfiguredScan scan, string file, DeviceIdentity device, ScanRecord record, IReportIntake intake,
    KernelRoots roots, Action<long, long, long> progressed)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(10);

    private ByteRangeSet _told = record.State.Bad;
    private long _saved = Stopwatch.GetTimestamp();
    private int _badSeen;

    private string Source => $"scan:{scan.Name}";

    /// <summary>Bytes a second since it began or went on; 0 until it is known.</summary>
    internal double Rate { get; private set; }

    /// <summary>Why other bytes are read than were asked for; null: they are not.</summary>
    internal string? Note { get; private set; }

    /// <param name="own">What the daemon reads.</param>
    /// <returns>True: the round is finished, and told.</returns>
    internal bool Run(Media.OwnReads own, TimeProvider time, CancellationToken cancellationToken)
    {
        using SectorReader reader = SectorReader.Open(device.Name);
        // What was opened under the name is the device that was meant, if the name still means it.
        if (!IsStillIt()) return false;
        var places = new ScanPlaces(device, roots);
        ByteRangeSet domain = DomainOf(reader, cancellationToken);
        var options = new ScanOptions { RateMax = scan.RateMax, LatencyMax = scan.LatencyMax };
        using var echo = new ScanEcho(own, places, reader.Length);
        var reading = new DeviceScan(reader, options, roots, echo);
        long before = domain.Intersect(record.State.Done).TotalLength;
        var began = Stopwatch.StartNew();
        progressed(before, domain.TotalLength, record.State.Bad.TotalLength);
        bool isWhole = reading.Run(
            domain, record.State,
            (read, _) =>
            {
                Rate = read / Math.Max(began.Elapsed.TotalSeconds, 0.001);
                bool hasNews = reading.BadCount != _badSeen && Stopwatch.GetElapsedTime(_saved) > TellEvery;
                if (hasNews || Stopwatch.GetElapsedTime(_saved) > SaveEvery)
                {
                    _badSeen = reading.BadCount;
                    Save(reading.State, places, null);
                }

                progressed(before + read, domain.TotalLength, _told.TotalLength);
            },
            cancellationToken);
        // Also where it is told to stop: the next start goes on from here.
        Save(reading.State, places, null);
        if (!isWhole) return false;
        progressed(domain.TotalLength, domain.TotalLength, _told.TotalLength);
        TellGood(reading.State, places);
        Save(reading.State, places, time.GetUtcNow());
        return true;
    }

    private ByteRangeSet DomainOf(SectorReader reader, CancellationToken cancellationToken)
    {
        var whole = ByteRangeSet.From([new(0, reader.Length)]);
        if (!scan.IsAllocated) return whole;
        ByteRangeSet? allocated = ScanDomain.FindAllocated(
            device.Name, roots, out string? why, cancellationToken);
        if (allocated is null) Note = $"all of it is read, for what is in use is not known: {why}";
        return allocated?.Intersect(whole) ?? whole;
    }

    /// <summary>First to the ledger, then to the file: what the file says to be read was told.</summary>
    private void Save(ScanState state, ScanPlaces places, DateTimeOffset? finished)
    {
        ByteRangeSet news = state.Bad.Except(_told);
        if (!news.IsEmpty && !IsStillIt()) throw new IOException($"{device.Name} is another device now");
        foreach ((DeviceIdentity place, ByteRangeSet bad) in places.Of(news))
        {
            Tell(new()
            {
                // Told twice after a crash: what is known is left in peace.
                Key = $"{Source}:{Guid.CreateVersion7():N}",
                Source = Source, Time = DateTimeOffset.UtcNow, Device = place, Basis = ReportBasis.Scan,
                Medium = MediumState.Confirmed, Ranges = bad,
            });
        }

        _told = state.Bad;
        (record with { State = state, Finished = finished }).Write(file);
        _saved = Stopwatch.GetTimestamp();
    }

    /// <summary>A list that names nothing bad, of the bytes that were read well.</summary>
    private void TellGood(ScanState state, ScanPlaces places)
    {
        if (!IsStillIt()) throw new IOException($"{device.Name} is another device now");
        ByteRangeSet read = state.Done.Except(state.Bad);
        foreach ((DeviceIdentity place, ByteRangeSet good) in places.Parts(read).SelectMany(places.Of))
        {
            Tell(new()
            {
                Key = $"{Source}:{record.Round:N}:{place.Identity}:{good[0].Offset}",
                Source = Source, Time = DateTimeOffset.UtcNow, Device = place, Basis = ReportBasis.Scan,
                IsComplete = true, Looked = good, LookedFrom = record.Begun, Ranges = ByteRangeSet.Empty,
            });
        }
    }

    /// <summary>Not given up because the scan is told to stop: then how far it is would be lost.</summary>
    private void Tell(Report report) => intake.ReportAsync(report, CancellationToken.None).GetAwaiter().GetResult();

    private bool IsStillIt() => ((string[])[device.Name, device.Identity])
        .Select(name => DeviceIdentities.Find(name, roots))
        .Any(now => now?.Identity == device.Identity && now.Name == device.Name);
}
