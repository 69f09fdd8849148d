// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Media;
using Holdfast.Linux.Producers;

namespace Holdfast.Daemon.Media;

/// <summary>
/// Reads what kernel events made suspect, down to the sector, and confirms or dismisses it (C9). One careful reader a
/// device, which may hang without taking anything with it (C11).
/// </summary>
/// <param name="suspectsOf">What the ledger has of it, asked at the start.</param>
/// <param name="lost">Told how many events a producer has lost; -1 once nobody knows.</param>
internal sealed class DeviceProbes(
    Func<CancellationToken, Task<IReadOnlyList<(DeviceIdentity Device, ByteRange Range)>>> suspectsOf,
    Action<string, long> lost) : IProducer, IEventListener
{
    private const string Source = "probe";

    /// <summary>More than this of one device wait in the ledger, and are read after the next start.</summary>
    private const int RangesMax = 65_536;

    /// <summary>Bytes of what nobody blames that are read before it is looked whether anybody does.</summary>
    private const long PieceMax = 64 << 20;

    /// <summary>Its own failed reads are heard of as events, the kernel's messages a little later.</summary>
    private static readonly TimeSpan EchoTime = TimeSpan.FromSeconds(5);

    private sealed class Reader
    {
        internal ByteRangeSet Waiting = ByteRangeSet.Empty;

        /// <summary>To be read though nobody blames them.</summary>
        internal ByteRangeSet Unblamed = ByteRangeSet.Empty;
        internal DeviceIdentity? Device;
        internal bool IsRunning;
        internal readonly List<(ByteRangeSet Ranges, long? Ended)> Read = [];
    }

    private readonly Dictionary<string, Reader> _readers = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, long> _lost = new();

    public string Name => Source;

    public ByteRangeSet News(DeviceIdentity device, ByteRangeSet ranges)
    {
        lock (_readers)
        {
            if (!_readers.TryGetValue(device.Identity, out Reader? reader)) return ranges;
            reader.Read.RemoveAll(at => at.Ended is { } ended && Stopwatch.GetElapsedTime(ended) > EchoTime);
            foreach ((ByteRangeSet read, long? _) in reader.Read) ranges = ranges.Except(read);
            return ranges;
        }
    }

    /// <summary>Has them read.</summary>
    public void Reported(DeviceIdentity device, ByteRangeSet ranges) => Add(device, ranges, isBlamed: true);

    public void LookAt(DeviceIdentity device, ByteRangeSet ranges) => Add(device, ranges, isBlamed: false);

    private void Add(DeviceIdentity device, ByteRangeSet ranges, bool isBlamed)
    {
        bool isLeftOut;
        lock (_readers)
        {
            if (!_readers.TryGetValue(device.Identity, out Reader? reader)) _readers[device.Identity] = reader = new();
            reader.Device = device;
            isLeftOut = reader.Waiting.Count + reader.Unblamed.Count + ranges.Count > RangesMax;
            if (!isLeftOut && isBlamed) reader.Waiting = reader.Waiting.Union(ranges);
            else if (!isLeftOut) reader.Unblamed = reader.Unblamed.Union(ranges);
        }

        if (isLeftOut) Lost(Source, ranges.Count);

        _wake.Writer.TryWrite(true);
    }

    public void Lost(string producer, long count) => lost(
        producer, _lost.AddOrUpdate(producer, count, (_, before) => before < 0 || count < 0 ? -1 : before + count));

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        // What the last run did not come to.
        foreach ((DeviceIdentity device, ByteRange range) in await suspectsOf(cancellationToken))
        {
            Reported(device, ByteRangeSet.From([range]));
        }

        while (true)
        {
            foreach (Reader reader in Idle())
            {
                _ = Task.Run(() => ReadAsync(reader, intake, cancellationToken), cancellationToken);
            }

            await _wake.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Those that have something to read and nobody who does; they have somebody now.</summary>
    private List<Reader> Idle()
    {
        lock (_readers)
        {
            List<Reader> idle = 
            [
                .. _readers.Values.Where(at => !at.IsRunning && !(at.Waiting.IsEmpty && at.Unblamed.IsEmpty)),
            ];
            foreach (Reader reader in idle) reader.IsRunning = true;
            return idle;
        }
    }

    private async Task ReadAsync(Reader reader, IReportIntake intake, CancellationToken cancellationToken)
    {
        try
        {
            while (Next(reader) is var (ranges, blamed))
            {
                SectorFindings? found = await Task.Factory.StartNew(
                    () => Search(reader.Device!, ranges, isUrgent: !blamed.IsEmpty, cancellationToken),
                    cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                Ended(reader, ranges);
                if (found is not null) await TellAsync(intake, reader.Device!, blamed, found, cancellationToken);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The ledger is away: what was found is found again after the next event or start.
            lock (_readers) reader.IsRunning = false;
        }
    }

    /// <returns>What is to be read next, and what of it is suspect; null where there is nothing.</returns>
    private (ByteRangeSet Ranges, ByteRangeSet Blamed)? Next(Reader reader)
    {
        lock (_readers)
        {
            reader.IsRunning = !(reader.Waiting.IsEmpty && reader.Unblamed.IsEmpty);
            if (!reader.IsRunning) return null;
            // What is blamed comes first: of the rest a piece at a time, so that it never waits long.
            ByteRangeSet blamed = reader.Waiting;
            ByteRangeSet ranges = blamed;
            reader.Waiting = ByteRangeSet.Empty;
            if (blamed.IsEmpty)
            {
                ByteRange first = reader.Unblamed[0];
                ranges = ByteRangeSet.From([new ByteRange(first.Offset, Math.Min(first.Length, PieceMax))]);
            }

            reader.Unblamed = reader.Unblamed.Except(ranges);
            reader.Read.Add((ranges, null));
            return (ranges, blamed);
        }
    }

    private void Ended(Reader reader, ByteRangeSet ranges)
    {
        lock (_readers)
        {
            int at = reader.Read.FindIndex(read => ReferenceEquals(read.Ranges, ranges));
            if (at >= 0) reader.Read[at] = (ranges, Stopwatch.GetTimestamp());
        }
    }

    /// <returns>Null where it cannot be opened: what is suspect stays it.</returns>
    private static SectorFindings? Search(
        DeviceIdentity device, ByteRangeSet ranges, bool isUrgent, CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of its own, which ends with it.
            if (!isUrgent) IoPriority.BeIdle();
            // A name of yesterday may be another device's today: its good bytes say nothing of these.
            if (NameOf(device) is not { } name) return null;
            using SectorReader reader = SectorReader.Open(name);
            // A loop device's bytes are counted by its file.
            long start = BlockDevice.At(name, KernelRoots.Real)?.LoopOffset ?? 0;
            SectorFindings found = new BadSectorSearch(reader).Run(ranges.MovedBy(-start), cancellationToken);
            if (NameOf(device) != name) return null;
            // Bytes of the file before the device begins are not read by it.
            ByteRangeSet before = ByteRangeSet.From(ranges.Within(new(0, start)));
            return found with
            {
                Bad = found.Bad.MovedBy(start),
                Unsure = found.Unsure.MovedBy(start).Union(before),
            };
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? NameOf(DeviceIdentity device) =>
        ((string[])[device.Name, device.Identity]).Select(name => DeviceIdentities.Find(name, KernelRoots.Real))
            .FirstOrDefault(now => now?.Identity == device.Identity)?.Name;

    /// <param name="blamed">Only good bytes of these are told: that others read is no news.</param>
    private static async Task TellAsync(
        IReportIntake intake, DeviceIdentity device, ByteRangeSet blamed, SectorFindings found,
        CancellationToken cancellationToken)
    {
        ByteRangeSet good = blamed.Except(found.Bad).Except(found.Unsure);
        foreach ((MediumState medium, ByteRangeSet part) in
            ((MediumState, ByteRangeSet)[])[(MediumState.Confirmed, found.Bad), (MediumState.Readable, good)])
        {
            if (part.IsEmpty) continue;
            await intake.ReportAsync(
                new()
                {
                    Key = $"{Source}:{Guid.CreateVersion7():N}",
                    Source = Source,
                    Time = DateTimeOffset.UtcNow,
                    Device = device,
                    Medium = medium,
                    Basis = ReportBasis.Probe,
                    Ranges = part,
                },
                cancellationToken);
        }
    }
}
