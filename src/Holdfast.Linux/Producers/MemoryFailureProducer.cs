// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Nvdimm;

namespace Holdfast.Linux.Producers;

/// <summary>
/// Pages of persistent memory that the kernel has given up (memory_failure_event): suspect bytes of the block device
/// that they are the content of. A page of ordinary memory is no device's bytes: it is counted. In an instance of
/// tracefs of its own, since an instance has one reader.
/// </summary>
/// <param name="instance">Of tracefs: one reader has it alone.</param>
/// <param name="elsewhere">Called with the pages that were no device's bytes.</param>
public sealed class MemoryFailureProducer(
    KernelRoots roots, string instance, IEventListener listener, Action<long>? elsewhere = null) : IProducer
{
    public const string Source = "kernel:memory";

    // They are rare; even a bank that dies page by page fits in.
    private const int BufferKilobytes = 64;

    /// <summary>Its group was another one for some kernels.</summary>
    private static readonly string[] Events = ["ras/memory_failure_event", "memory_failure/memory_failure_event"];
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public string Name => "memory-failures";

    /// <inheritdoc cref="BlockErrorProducer.Prepare"/>
    public void Prepare()
    {
        try
        {
            if (TracePipes.Find(roots, Events) is not { } trace) return;
            TracePipes.Open(roots, instance, trace, BufferKilobytes, MemoryFailure.Fields).Dispose();
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
        // A kernel that gives up no pages (CONFIG_MEMORY_FAILURE) has nothing to be heard.
        if (TracePipes.Find(roots, Events) is not { } trace)
        {
            cancellationToken.WaitHandle.WaitOne();
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        using TracePipes pipes = TracePipes.Open(roots, instance, trace, BufferKilobytes, MemoryFailure.Fields);
        var report = new EventReport(intake, listener, Source, roots);
        string boot = File.ReadAllText(Path.Combine(roots.Proc, "sys/kernel/random/boot_id")).Trim();
        MemoryFailureWords words = MemoryFailureWords.Of(pipes.Format);
        var batch = new List<(ulong Time, MemoryFailure Failure)>();
        while (!cancellationToken.IsCancellationRequested)
        {
            long missed = pipes.Drain((time, data) =>
            {
                if (!MemoryFailure.TryParse(
                    pipes.Format, data, Environment.SystemPageSize, words, out MemoryFailure failure)) return;
                batch.Add((time, failure));
            });
            if (missed != 0) listener.Lost(Name, missed);
            Take(report, boot, batch, cancellationToken);
            batch.Clear();
            pipes.Wait(LookEvery);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Take(
        EventReport report, string boot, List<(ulong Time, MemoryFailure Failure)> batch,
        CancellationToken cancellationToken)
    {
        if (batch.Count == 0) return;
        long count = 0;
        IReadOnlyList<PersistentMemory> memories = PersistentMemories.ReadAll(roots);
        var places = new Dictionary<string, (BlockDevice Disk, ulong Time, List<ByteRange> Ranges)>();
        foreach ((ulong time, MemoryFailure failure) in batch)
        {
            if (!TryPlace(memories, failure.Page, out BlockDevice? disk, out ByteRange range))
            {
                count++;
                continue;
            }

            if (!places.TryGetValue(disk!.Name, out var place)) places[disk.Name] = place = (disk, time, []);
            place.Ranges.Add(range);
        }

        if (count > 0) elsewhere?.Invoke(count);
        foreach ((BlockDevice disk, ulong time, List<ByteRange> ranges) in places.Values)
        {
            report.Send(disk, ByteRangeSet.From(ranges), $"{boot}:{time}", isOld: false, cancellationToken);
        }
    }

    /// <summary>Where a page lies on a block device; false where it is no device's.</summary>
    public static bool TryPlace(
        IReadOnlyList<PersistentMemory> memories, ByteRange page, out BlockDevice? disk, out ByteRange range)
    {
        foreach (PersistentMemory memory in memories)
        {
            ByteRange inside = page.Intersect(memory.Memory);
            if (inside.IsEmpty || memory.Device is null) continue;
            disk = memory.Device;
            range = new(inside.Offset - memory.Memory.Offset, inside.Length);
            return true;
        }

        (disk, range) = (null, default);
        return false;
    }
}
