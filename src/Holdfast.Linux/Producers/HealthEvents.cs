// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Media;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Producers;

/// <summary>Makes of one mounted XFS's events what the ledger hears. One thread's.</summary>
internal sealed class HealthEvents(
    Mount mount, KernelRoots roots, EventReport report, IEventListener listener, CancellationToken cancellationToken)
{
    private const string Producer = "xfs-health";

    /// <summary>Bytes of its devices that one event about a file may blame; the rest is counted as lost.</summary>
    private const long FileBytesMax = 1L << 30;

    private readonly HealthRecord _record = new(mount.MountPoint);
    private readonly Dictionary<DeviceRole, List<ByteRange>> _blamed = [];
    private ulong _first;

    /// <summary>What it says of itself; null while all is well.</summary>
    internal string? Trouble => _record.Text;

    internal void Take(HealthEvent found)
    {
        _record.Take(found);
        switch (found.Kind)
        {
            case HealthKind.Lost:
                listener.Lost(Producer, found.Count);
                break;
            case HealthKind.MediaError:
                Blame(found.Nanoseconds, RoleOf(found.Domain), found.Range);
                break;
            // Only a failed read, or content that is known to be gone, says that bytes are lost.
            case HealthKind.BufferedRead or HealthKind.DirectRead or HealthKind.DataLost
                when MediaErrors.Of(MediaOperation.Read, found.Errno) == MediaMeaning.Bad:
                BlameFile(found);
                break;
        }
    }

    /// <summary>All that was blamed since the last time is one report a device.</summary>
    internal void Send()
    {
        foreach ((DeviceRole role, List<ByteRange> ranges) in _blamed)
        {
            if (DeviceOf(role) is not { Size: > 0 } device)
            {
                listener.Lost(Producer, ranges.Count);
                continue;
            }

            var inside = ByteRangeSet.From(
                ByteRangeSet.From(ranges).Within(new ByteRange(0, device.Size.Value)));
            if (inside.IsEmpty) continue;
            string key = string.Create(CultureInfo.InvariantCulture, $"{mount.Device}:{_first}");
            report.Send(device, inside, key, isOld: false, cancellationToken);
        }

        _blamed.Clear();
    }

    private void BlameFile(in HealthEvent found)
    {
        try
        {
            using MountedXfs xfs = MountedXfs.Open(mount);
            FilePlaces? places = FileRangePlaces.Of(xfs, found.Inode, found.Generation, found.Range, FileBytesMax);
            if (places is null || places.IsCut) listener.Lost(Producer, 1);
            foreach (ByteRange range in places?.Data ?? ByteRangeSet.Empty)
            {
                Blame(found.Nanoseconds, DeviceRole.Data, range);
            }

            foreach (ByteRange range in places?.Realtime ?? ByteRangeSet.Empty)
            {
                Blame(found.Nanoseconds, DeviceRole.Realtime, range);
            }
        }
        catch (KernelRefusal)
        {
            // It has shut down, or was unmounted: nobody can say any more where that was.
            listener.Lost(Producer, 1);
        }
    }

    private void Blame(ulong time, DeviceRole role, ByteRange range)
    {
        if (range.IsEmpty) return;
        if (_blamed.Count == 0) _first = time;
        if (!_blamed.TryGetValue(role, out List<ByteRange>? ranges)) _blamed[role] = ranges = [];
        ranges.Add(range);
    }

    private BlockDevice? DeviceOf(DeviceRole role) => role switch
    {
        DeviceRole.Data => BlockDevice.Find(roots, mount.Device),
        DeviceRole.Log => mount.Option("logdev") is { } log ? BlockDevice.At(log, roots) : null,
        // A realtime section on the data device has no number of its own, and its bytes another beginning.
        _ => mount.Option("rtdev") is { } realtime ? BlockDevice.At(realtime, roots) : null,
    };

    private static DeviceRole RoleOf(HealthDomain domain) => domain switch
    {
        HealthDomain.RealtimeDevice => DeviceRole.Realtime,
        HealthDomain.LogDevice => DeviceRole.Log,
        _ => DeviceRole.Data,
    };
}
