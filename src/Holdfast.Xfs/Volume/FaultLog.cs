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

    /// <summary>There is something that answers do suffer from.</summary>
    public bool HasOpenFaults
    {
        get
        {
            lock (_gate) return _dropped > 0 || (_faults.Count > 0 && _faults.Values.Any(f => !f.IsWorkedAround));
        }
    }

    /// <summary>Faults that were not kept.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The faults so far, in device order.</summary>
    public IReadOnlyList<Fault> ToList()
    {
        lock (_gate)
        {
            // Nearly always empty, and asked for once per inode.
            return _faults.Count == 0 ? [] : [.. _faults.Values.OrderBy(f => f.Device).ThenBy(f => f.Offset)];
        }
    }

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            (DeviceRole, long, string) key = (fault.Device, fault.Offset, fault.Structure);
            if (_faults.TryGetValue(key, out Fault? known))
            {
                if (known.IsWorkedAround && !fault.IsWorkedAround) _faults[key] = fault;
            }
            else if (_faults.Count < FaultsMax)
            {
                _faults.Add(key, fault);
            }
            else
            {
                _dropped++;
            }
        }
    }

    /// <summary>Takes over faults of a way that another way has replaced: reported, but the answer stands.</summary>
    public void AddWorkedAround(FaultLog other)
    {
        foreach (Fault fault in other.ToList()) Add(fault with { IsWorkedAround = true });
    }

    /// <summary>Takes over faults that the answer does suffer from.</summary>
    public void AddAll(FaultLog other)
    {
        foreach (Fault fault in other.ToList()) Add(fault);
    }

    public void Add(BlockFault fault, DeviceRole device, long offset, long length, string structure) =>
        Add(fault.At(device, offset, length, structure));
}
