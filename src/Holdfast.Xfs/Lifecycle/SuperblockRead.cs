// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>The second step: sizes and features are known, and where the log is.</summary>
public sealed class SuperblockRead
{
    private readonly XfsVolume _volume;

    internal SuperblockRead(ClaimedDevices devices, XfsVolume volume)
    {
        Devices = devices;
        _volume = volume;
        LogPlace = LogPlace.Of(volume.Geometry, LsnOf(devices.Data, volume.Geometry.SectorSize));
    }

    public ClaimedDevices Devices { get; }

    /// <summary>As the superblock has it before the log is recovered.</summary>
    public Geometry Geometry => _volume.Geometry;

    /// <summary>The log is on a device of its own.</summary>
    public bool HasExternalLog => Geometry.LogStart is null;

    public LogPlace LogPlace { get; }

    /// <summary>Finds the ends of the log. Nothing of it is replayed.</summary>
    public StructuresReady PrepareStructures()
    {
        IBlockSource? log = HasExternalLog ? Devices.Log : Devices.Data;
        return new(this, _volume, log, LogReader.FindState(log, LogPlace));
    }

    private static ulong LsnOf(IBlockSource data, int sectorSize)
    {
        byte[] sector = new byte[sectorSize];
        if (!data.Read(0, sector).IsNone) return 0;
        return Superblock.TryOpen(sector, out Superblock superblock).IsNone ? superblock.Lsn : 0;
    }
}
