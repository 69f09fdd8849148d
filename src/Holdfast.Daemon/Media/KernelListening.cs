// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Core;
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
        // Before anybody hears that the daemon is there: what happens from then on is heard.
        errors.Prepare();
        messages.Prepare();
        notifier.Start(probes);
        notifier.Start(errors);
        notifier.Start(messages);
    }

    private static string Text(string producer, long count) => count < 0
        ? $"{producer}: the kernel lost some events, and does not say how many"
        : producer == DeviceProbes.Source
            ? string.Create(CultureInfo.InvariantCulture, $"probe: {count} ranges are read after the next start")
            : string.Create(CultureInfo.InvariantCulture, $"{producer}: the kernel lost {count} events");
}
