// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core;
using Holdfast.Core.Intake;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Producers;

namespace Holdfast.Daemon.Media;

/// <summary>Has the kernel listened to, and what it blames read with care.</summary>
internal static class KernelListening
{
    /// <summary>Sources that the kernel is behind: only what they blame is read by the daemon itself.</summary>
    private const string Kernel = "kernel:";

    internal static void Start(DaemonServices services)
    {
        Notifier notifier = services.Notifier;
        var probes = new DeviceProbes(
            stop => notifier.SuspectsAsync(Kernel, stop), (producer, count) => services.Degradations.Set(
                $"lost {producer}", Text(producer, count)),
            services.OwnReads, name => DeviceIdentities.Find(name, KernelRoots.Real));
        var errors = new BlockErrorProducer(KernelRoots.Real, services.Configuration.TraceInstance, probes);
        var messages = new KernelMessageProducer(KernelRoots.Real, probes);
        var memory = new MemoryFailureProducer(
            KernelRoots.Real, $"{services.Configuration.TraceInstance}-memory", probes,
            services.Counters.FailedElsewhere);
        // Before anybody hears that the daemon is there: what happens from then on is heard.
        errors.Prepare();
        messages.Prepare();
        memory.Prepare();
        notifier.Start(probes);
        notifier.Start(errors);
        notifier.Start(messages);
        notifier.Start(memory);
        foreach (IProducer producer in Others(services, probes)) notifier.Start(producer);
    }

    private static IEnumerable<IProducer> Others(DaemonServices services, DeviceProbes probes)
    {
        Notifier notifier = services.Notifier;
        Action<string, string?> degraded = (check, what) => services.Degradations.Set(check, what);
        yield return new BadBlockProducer(
            KernelRoots.Real, TimeSpan.FromSeconds(services.Configuration.BadBlockSeconds), probes,
            (device, source, stop) => notifier.KnownFailuresAsync(device.Identity, source, stop), degraded);
        yield return new DeviceRemovalProducer(
            KernelRoots.Real, probes, new(notifier.StandingAsync, notifier.AbsentDevicesAsync));
        yield return new HealthMonitorProducer(KernelRoots.Real, probes, degraded);
        yield return new FilesystemErrorProducer(KernelRoots.Real, probes, degraded);
    }

    private static string Text(string producer, long count) => count < 0
        ? $"{producer}: the kernel lost some events, and does not say how many"
        : producer == DeviceProbes.Source
            ? string.Create(CultureInfo.InvariantCulture, $"probe: {count} ranges are read after the next start")
            : string.Create(CultureInfo.InvariantCulture, $"{producer}: the kernel lost {count} events");
}
