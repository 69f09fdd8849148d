// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Threading.Channels;
using Holdfast.Core.Configuration;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Media;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// Reads one device through every now and then: in rounds that go on after a restart, in the hours it may, wherever the
/// device is called today. One that is not there is waited for.
/// </summary>
/// <param name="file">Where the round is kept.</param>
/// <param name="degraded">Told what does not work; null: it does again.</param>
/// <param name="stopping">The daemon ends: it stops reading, and writes down how far it is.</param>
internal sealed class ScheduledScan(
    ConfiguredScan scan, string file, Media.OwnReads own, TimeProvider time, KernelRoots roots,
    Action<string?> degraded, CancellationToken stopping) : IProducer
{
    /// <summary>How often it looks for its device, and after its hours.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SleepMax = TimeSpan.FromMinutes(1);

    /// <summary>A reader that gives nothing for so long hangs, or is at a place that is all bad.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ScanProgress _progress = ScanProgress.None;
    private long _moved = Stopwatch.GetTimestamp();
    private volatile bool _isWanted;
    private Task _reading = Task.CompletedTask;

    public string Name => $"scan:{scan.Name}";

    internal ConfiguredScan Scan => scan;

    internal ScanProgress Progress => Volatile.Read(ref _progress);

    /// <summary>Bytes read since the daemon began.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>A round begins, or goes on, without waiting for its time or its hours.</summary>
    internal void Start()
    {
        _isWanted = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Once the daemon ends: waits until it is written down how far it is; not for ever.</summary>
    internal Task StoppedAsync(TimeSpan atMost) => Task.WhenAny(_reading, Task.Delay(atMost));

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan pause = await LookAsync(intake, cancellationToken);
            using var sleep = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            sleep.CancelAfter(pause < SleepMax ? pause : SleepMax);
            try
            {
                await _wake.Reader.ReadAsync(sleep.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Slept enough.
            }
        }
    }

    /// <summary>Does what is to be done now.</summary>
    /// <returns>How long there is nothing more to do.</returns>
    private async Task<TimeSpan> LookAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        ScanRecord? record = ScanRecord.Read(file);
        if (stopping.IsCancellationRequested) return SleepMax;
        if (DeviceIdentities.Find(scan.Device, roots) is not { Size: > 0 } device)
        {
            Show(ScanPhase.NoDevice, record, null);
            return LookEvery;
        }

        // Another device under the name, or another size of it: what is known of the old one says nothing.
        if (record is not null && (record.Device != device.Identity || record.Size != SizeOf(device))) record = null;
        DateTimeOffset next = NextOf(record, now);
        if (next > now && !_isWanted)
        {
            Show(ScanPhase.Waiting, record, next);
            return next - now;
        }

        if (record is not { Finished: null })
        {
            record = new(
                device.Identity, SizeOf(device), Guid.CreateVersion7(), now, Finished: null, ScanState.Nothing);
            record.Write(file);
        }

        bool isDone = await ReadAsync(intake, device, record, cancellationToken);
        if (isDone) _isWanted = false;
        return isDone ? TimeSpan.Zero : LookEvery;
    }

    /// <summary>A device's size in sysfs and what is read of it differ by less than a sector.</summary>
    private static long SizeOf(DeviceIdentity device) => device.Size!.Value;

    /// <summary>When there is to be read next; now or earlier: now.</summary>
    private DateTimeOffset NextOf(ScanRecord? record, DateTimeOffset now)
    {
        DateTimeOffset due = record is { Finished: not null } ? record.Begun + scan.Every : now;
        // A clock that was set back must not keep a scan for years.
        if (due > now + scan.Every) due = now + scan.Every;
        DateTimeOffset at = due > now ? due : now;
        if (scan.Window is not { } window) return at;
        TimeOnly local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).DateTime);
        return at + window.Until(local);
    }

    private async Task<bool> ReadAsync(
        IReportIntake intake, DeviceIdentity device, ScanRecord record, CancellationToken cancellationToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var began = ScanProgress.None with
        {
            Phase = ScanPhase.Reading, Device = device.Identity, Begun = record.Begun,
            BadBytes = record.State.Bad.TotalLength, LastFinished = Progress.LastFinished,
        };
        long last = -1;
        ScanReading? reading = null;
        reading = new ScanReading(scan, file, device, record, intake, roots, (read, wanted, bad) =>
        {
            if (last >= 0) BytesRead += read - last;
            last = read;
            _moved = Stopwatch.GetTimestamp();
            double rate = reading!.Rate;
            Volatile.Write(ref _progress, began with
            {
                ReadBytes = read, WantedBytes = wanted, BadBytes = bad,
                Left = rate > 0 ? TimeSpan.FromSeconds((wanted - read) / rate) : null, Note = reading.Note,
            });
            if (IsOutOfHours()) stop.Cancel();
        });
        Task<bool> task = Task.Factory.StartNew(
            () => reading.Run(own, time, stop.Token), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _reading = task;
        // One that hangs keeps it for as long as it does.
        _ = task.ContinueWith(_ => stop.Dispose(), TaskScheduler.Default);
        await WatchAsync(task, device, cancellationToken);
        try
        {
            return await task;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(
                ref _progress, Progress with { Phase = ScanPhase.Waiting, Left = null, Note = fault.Message });
            throw;
        }
    }

    private bool IsOutOfHours() => !_isWanted && scan.Window is { } window
        && !window.Contains(TimeOnly.FromDateTime(time.GetLocalNow().DateTime));

    /// <summary>Its thread may hang in the kernel for ever: that is seen, and holds up nobody.</summary>
    private async Task WatchAsync(Task task, DeviceIdentity device, CancellationToken cancellationToken)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(SleepMax, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan silence = Stopwatch.GetElapsedTime(_moved);
            degraded(task.IsCompleted || silence < SilenceMax
                ? null
                : $"scan {scan.Name}: {device.Name} has given nothing for {(int)silence.TotalMinutes} minutes");
        }
    }

    private void Show(ScanPhase phase, ScanRecord? record, DateTimeOffset? next) => Volatile.Write(
        ref _progress, Progress with
        {
            Phase = phase,
            Device = record?.Device,
            Begun = record is { Finished: null } ? record.Begun : null,
            ReadBytes = record?.State.Done.TotalLength ?? 0,
            BadBytes = record?.State.Bad.TotalLength ?? 0,
            Left = null,
            LastFinished = record?.Finished ?? Progress.LastFinished,
            Next = next,
        });
}
