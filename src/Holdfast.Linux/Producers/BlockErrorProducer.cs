// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Failed requests of all block devices, as they fail (block:block_rq_error). Each blames the whole request: suspect,
/// until somebody has read it with care (C9).
/// </summary>
/// <param name="instance">Of tracefs: one reader has it alone.</param>
public sealed class BlockErrorProducer(KernelRoots roots, string instance, IEventListener listener) : IProducer
{
    public const string Source = "kernel:block";
    private const string Event = "block/block_rq_error";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public string Name => "block-errors";

    /// <summary>
    /// Turns the event on, so that from now on it is kept for whoever reads. What is wrong with it the run says.
    /// </summary>
    public void Prepare()
    {
        try
        {
            TracePipes.Open(roots, instance, Event, TracePipes.StormKilobytes, BlockError.Fields).Dispose();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Said by the run, which the daemon watches over.
        }
    }

    public Task RunAsync(IReportIntake intake, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Run(intake, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void Run(IReportIntake intake, CancellationToken cancellationToken)
    {
        using TracePipes pipes = TracePipes.Open(
            roots, instance, Event, TracePipes.StormKilobytes, BlockError.Fields);
        var report = new EventReport(intake, listener, Source, roots);
        string boot = File.ReadAllText(Path.Combine(roots.Proc, "sys/kernel/random/boot_id")).Trim();
        var batch = new Dictionary<DeviceNumber, List<ByteRange>>();
        // All of a round is one report: a storm costs the ledger no more than its disk can bear.
        ulong first = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long missed = pipes.Drain((time, data) =>
            {
                if (!BlockError.TryParse(pipes.Format, data, out BlockError error)) return;
                if (MediaErrors.Of(error.Operation, error.Errno) != MediaMeaning.Bad) return;
                if (batch.Count == 0) first = time;
                if (!batch.TryGetValue(error.Device, out List<ByteRange>? ranges)) batch[error.Device] = ranges = [];
                ranges.Add(error.Range);
            });
            if (missed != 0) listener.Lost(Name, missed);
            foreach ((DeviceNumber number, List<ByteRange> ranges) in batch)
            {
                // One that is gone already has nobody who could be told.
                if (BlockDevice.Find(roots, number) is not { } disk) continue;
                report.Send(disk, ByteRangeSet.From(ranges), $"{boot}:{first}", isOld: false, cancellationToken);
            }

            batch.Clear();
            pipes.Wait(LookEvery);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
