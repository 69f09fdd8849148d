// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// What answers could not rest on, each place once. Safe for any number of threads. Bounded: past
/// <see cref="FaultsMax"/> faults are only counted, so that a device full of garbage costs no memory.
/// </summary>
public sealed class FaultLog
{
    public const int FaultsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(DeviceRole, long, string), Fault> _faults = [];
    private long _dropped;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _faults.Count == 0;
        }
    }

    /// <summary>Faults that were not kept.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The faults so far, in device order.</summary>
    public IReadOnlyList<Fault> ToList()
    {
        lock (_gate) return [.. _faults.Values.OrderBy(f => f.Device).ThenBy(f => f.Offset)];
    }

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            if (_faults.Count < FaultsMax) _faults.TryAdd((fault.Device, fault.Offset, fault.Structure), fault);
            else if (!_faults.ContainsKey((fault.Device, fault.Offset, fault.Structure))) _dropped++;
        }
    }

    public void Add(BlockFault fault, DeviceRole device, long offset, long length, string structure) =>
        Add(fault.At(device, offset, length, structure));
}
