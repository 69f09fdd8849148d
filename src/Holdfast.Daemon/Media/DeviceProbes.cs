// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
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
/// <param name="own">What the daemon reads: no news.</param>
/// <param name="find">What a name or identity means now; null: nothing that is there.</param>
internal sealed class DeviceProbes(
    Func<CancellationToken, Task<IReadOnlyList<(DeviceIdentity Device, ByteRange Range)>>> suspectsOf,
    Action<string, long> lost, OwnReads own, Func<string, DeviceIdentity?> find) : IProducer, IEventListener
{
    internal const string Source = "probe";

    /// <summary>More than this of one device wait in the ledger, and are read after the next start.</summary>
    private const int RangesMax = 65_536;

    /// <summary>
    /// One error seldom comes alone: they are read together, and those who must know of them are told before.
    /// </summary>
    private static readonly TimeSpan ReadAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>Bytes of what nobody blames that are read before it is looked whether anybody does.</summary>
    private const long PieceMax = 64 << 20;

    private sealed class Reader
    {
        internal ByteRangeSet Waiting = ByteRangeSet.Empty;

        /// <summary>To be read though nobody blames them.</summary>
        internal ByteRangeSet Unblamed = ByteRangeSet.Empty;
        internal DeviceIdentity? Device;
        internal bool IsRunning;
    }

    private readonly Dictionary<string, Reader> _readers = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, long> _lost = new();

    public string Name => Source;

    public ByteRangeSet News(DeviceIdentity device, ByteRangeSet ranges) => own.News(device.Identity, ranges);

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
            await Task.Delay(ReadAfter, cancellationToken);
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
            return (ranges, blamed);
        }
    }

    /// <returns>Null where it cannot be opened: what is suspect stays it.</returns>
    private SectorFindings? Search(
        DeviceIdentity device, ByteRangeSet ranges, bool isUrgent, CancellationToken cancellationToken)
    {
        OwnReads.Read read = own.Begin(device.Identity, ranges);
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
        finally
        {
            own.End(read);
        }
    }

    private string? NameOf(DeviceIdentity device) =>
        ((string[])[device.Name, device.Identity]).Select(find)
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
