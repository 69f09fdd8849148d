// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Core.Intake;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Producers;

/// <summary>
/// What every mounted XFS says of its own health (Linux 7.0 and later; where the kernel has no health monitor nothing
/// is to be heard). Media errors and failed reads of files are suspect bytes of their devices; that it has shut down,
/// or calls metadata damaged, is put on record.
/// </summary>
/// <param name="degraded">Told, under the name of a check, what is wrong; null once it is not.</param>
public sealed class HealthMonitorProducer(
    KernelRoots roots, IEventListener listener, Action<string, string?> degraded) : IProducer
{
    public const string Source = "kernel:xfs-health";

    /// <summary>Mounts are looked for so often; their events wake at once.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Who had it may let it go.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(1);

    private sealed record Watched(XfsInKernel At, HealthMonitor? Monitor, HealthEvents? Events, long Since);

    private readonly Dictionary<DeviceNumber, Watched> _watched = [];

    public string Name => "xfs-health";

    public Task RunAsync(IReportIntake intake, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Run(intake, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void Run(IReportIntake intake, CancellationToken cancellationToken)
    {
        var report = new EventReport(intake, listener, Source, roots);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (!Follow(report, cancellationToken))
                {
                    cancellationToken.WaitHandle.WaitOne();
                    break;
                }

                Hear(cancellationToken);
            }
        }
        finally
        {
            foreach (DeviceNumber device in _watched.Keys.ToArray()) End(device);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Begins with what was mounted, ends with what is not any more.</summary>
    /// <returns>False where this kernel has no health monitor.</returns>
    private bool Follow(EventReport report, CancellationToken cancellationToken)
    {
        IReadOnlyList<XfsInKernel> now = XfsInKernel.ReadAll(roots);
        foreach (DeviceNumber over in _watched.Keys.Except(now.Select(at => at.Device)).ToArray())
        {
            // What still waits in one that has a monitor ends with a read of nothing.
            if (_watched[over].Monitor is null) End(over);
        }

        foreach (XfsInKernel at in now)
        {
            if (at.Mount is not { } mount) continue;
            if (_watched.TryGetValue(at.Device, out Watched? known)
                && (known.Monitor is not null || Stopwatch.GetElapsedTime(known.Since) < AgainAfter)) continue;
            try
            {
                using MountedXfs xfs = MountedXfs.Open(mount);
                var events = new HealthEvents(mount, roots, report, listener, cancellationToken);
                _watched[at.Device] = new(at, HealthMonitor.Open(xfs), events, Stopwatch.GetTimestamp());
                degraded(CheckOf(at), null);
            }
            catch (KernelRefusal refusal) when (refusal.Errno == Native.ENOTTY)
            {
                return false;
            }
            catch (KernelRefusal refusal)
            {
                _watched[at.Device] = new(at, null, null, Stopwatch.GetTimestamp());
                // Another program's, as xfs_healer: it is theirs, and nothing is wrong.
                bool isTheirs = refusal.Errno == Native.EEXIST || MountedXfs.HasShutDown(mount);
                string why = $"{mount.MountPoint}: its health is not heard: {refusal.Message}";
                degraded(CheckOf(at), isTheirs ? null : why);
            }
        }

        return true;
    }

    private unsafe void Hear(CancellationToken cancellationToken)
    {
        Watched[] heard = [.. _watched.Values.Where(at => at.Monitor is not null)];
        Polled[] polled =
        [
            .. heard.Select(at => new Polled { Descriptor = at.Monitor!.Descriptor, Events = Native.POLLIN }),
        ];
        fixed (Polled* start = polled)
        {
            if (Native.Poll(start, (nuint)polled.Length, (int)LookEvery.TotalMilliseconds) <= 0) return;
        }

        for (int i = 0; i < heard.Length && !cancellationToken.IsCancellationRequested; i++)
        {
            if (polled[i].Returned == 0) continue;
            bool isThere = heard[i].Monitor!.Take(heard[i].Events!.Take);
            heard[i].Events!.Send();
            degraded(CheckOf(heard[i].At), heard[i].Events!.Trouble);
            if (!isThere) End(heard[i].At.Device);
        }
    }

    private void End(DeviceNumber device)
    {
        Watched over = _watched[device];
        over.Monitor?.Dispose();
        degraded(CheckOf(over.At), null);
        _watched.Remove(device);
    }

    private static string CheckOf(XfsInKernel at) => $"health of {at.Name}";
}
