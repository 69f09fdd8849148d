// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>
/// Finds devices, and for a tenth of a second each again without asking the kernel: a disk that dies is reported
/// thousands of times a second, and each time its serial number would be read anew. What is not there is always asked
/// for.
/// </summary>
internal sealed class RecentDevices(Func<string, DeviceIdentity?> find, TimeProvider time)
{
    private const int NamesMax = 256;
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<string, Found> _found = new();

    internal DeviceIdentity? Find(string name)
    {
        if (_found.TryGetValue(name, out Found? recent) && time.GetElapsedTime(recent.At) < Age) return recent.Device;
        // It counts from before the question: what the kernel says meanwhile may be older than its end.
        long now = time.GetTimestamp();
        if (find(name) is not { } device) return null;
        // Names are what callers say; nobody shall fill the memory with them.
        if (_found.Count >= NamesMax) _found.Clear();
        _found[name] = new(now, device);
        return device;
    }

    private sealed record Found(long At, DeviceIdentity Device);
}
