// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// Looks at everything that a mount reads: the superblock, the log, what recovery needs, the headers of every group,
/// the inodes that a mount opens. Reads them from the device, where a mount reads them.
/// </summary>
public static class MountCheck
{
    /// <param name="recovered">The filesystem, recovered as far as that was possible.</param>
    /// <param name="bad">Bad bytes of the data device, which the sources refuse to read.</param>
    public static MountForecast Run(
        RecoveredVolume recovered, ByteRangeSet bad, CancellationToken cancellationToken = default)
    {
        var obstacles = new List<MountObstacle>();
        Superblock(recovered, obstacles);
        LastSector(recovered, obstacles);
        TheLog(recovered, obstacles);
        Replay(recovered, obstacles);
        MountedGroups.Check(recovered, obstacles, cancellationToken);
        Inodes(recovered, obstacles);
        Finishing(recovered, obstacles);
        (ByteRangeSet active, ByteRangeSet inactive) = LogParts(recovered, bad);
        return new()
        {
            Obstacles = [.. Once(obstacles)],
            BadActiveLog = active,
            BadInactiveLog = inactive,
            Loss = LossOf(recovered),
            IsLogUnknown = recovered.Log.Kind == LogStateKind.NotSupplied,
        };
    }

    /// <summary>Each place once: as the mount meets it first, unless it is worse later.</summary>
    private static IEnumerable<MountObstacle> Once(List<MountObstacle> obstacles) => obstacles
        .GroupBy(obstacle => (obstacle.Why.Device, obstacle.Why.Offset))
        .Select(same => same.MinBy(obstacle => obstacle.Effect)!);

    private static void Superblock(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        Geometry geometry = recovered.Ready.Geometry;
        byte[] sector = new byte[geometry.SectorSize];
        Devices.Sources.ReadFault read = recovered.Ready.Data.Read(0, sector);
        BlockFault fault = read.IsNone ? OnDisk.Superblock.TryOpen(sector, out _) : BlockFault.Unreadable(read);
        if (!fault.IsNone)
        {
            obstacles.Add(new(
                fault.At(DeviceRole.Data, 0, sector.Length, "superblock"),
                "A mount finds no filesystem. xfs_repair takes a copy of the superblock from another group."));
        }

        if (geometry.Features.NeedsRepair)
        {
            obstacles.Add(new(
                BlockFault.Bad("sb_features_incompat", "needsrepair").At(
                    DeviceRole.Data, 0, sector.Length, "superblock"),
                "A mount fails: a repair that was broken off has marked the filesystem."));
        }

        if (geometry.Features.UnknownReadOnly != 0)
        {
            obstacles.Add(new(
                BlockFault.Bad("sb_features_ro_compat", $"0x{geometry.Features.UnknownReadOnly:x}").At(
                    DeviceRole.Data, 0, sector.Length, "superblock"),
                "A mount for writing fails where the kernel does not know this feature either.",
                MountEffect.FailsForWriting));
        }
    }

    /// <summary>Is the device as long as the superblock says? A mount reads the end to know.</summary>
    private static void LastSector(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        Geometry geometry = recovered.Ready.Geometry;
        byte[] sector = new byte[geometry.SectorSize];
        long at = geometry.DataLength - sector.Length;
        Devices.Sources.ReadFault read = recovered.Ready.Data.Read(at, sector);
        if (read.IsNone) return;
        obstacles.Add(new(
            BlockFault.Unreadable(read).At(DeviceRole.Data, at, sector.Length, "last sector"),
            "A mount fails: it reads the last sector, whatever is in it, to see how long the device is."));
    }

    private static void TheLog(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        foreach (Fault fault in recovered.Log.Faults)
        {
            obstacles.Add(new(fault, recovered.Log.Kind == LogStateKind.Dirty
                ? "A mount takes the log for empty: what it held is lost."
                : "A mount fails: it cannot find the ends of the log."));
        }

        if (recovered.Stopped is { } stopped && !recovered.Log.Faults.Contains(stopped))
        {
            obstacles.Add(new(stopped, "A mount fails: the log cannot be replayed past this."));
        }
    }

    private static void Replay(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        foreach (Fault fault in recovered.Replayed?.Obstacles ?? [])
        {
            obstacles.Add(new(fault, "A mount fails: log recovery has to read this block before it changes it."));
        }
    }

    private static void Finishing(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        foreach (Fault fault in recovered.Finished.Faults)
        {
            obstacles.Add(new(fault, "A mount fails: an open intent or a leftover of copy-on-write needs it."));
        }

        foreach (Fault fault in recovered.Finished.Leaks)
        {
            obstacles.Add(new(
                fault,
                "A mount goes on, but a file that was deleted while open, or space behind a file's end, is not freed.",
                MountEffect.GoesOn));
        }
    }

    private static void Inodes(RecoveredVolume recovered, List<MountObstacle> obstacles)
    {
        XfsVolume volume = recovered.Volume;
        Geometry geometry = volume.Geometry;
        var wanted = new List<(InodeNumber Inode, string What)> { (geometry.RootInode, "root directory") };
        if (geometry.MetadataRootInode is { } metadata) wanted.Add((metadata, "root of the metadata directory"));
        if (geometry.SystemInodes.RealtimeBitmap != 0 && geometry.RealtimeBlocks > 0)
        {
            wanted.Add((new(geometry.SystemInodes.RealtimeBitmap), "realtime bitmap"));
            wanted.Add((new(geometry.SystemInodes.RealtimeSummary), "realtime summary"));
        }

        byte[] buffer = new byte[geometry.InodeSize];
        foreach ((InodeNumber inode, string what) in wanted)
        {
            BlockFault fault = InodeReader.TryRead(volume, inode, buffer, out _);
            if (fault.IsNone) continue;
            long offset = geometry.IsValid(inode) ? geometry.ByteOf(inode) : 0;
            obstacles.Add(new(
                fault.At(DeviceRole.Data, offset, geometry.InodeSize, $"inode {inode}, the {what}"),
                "A mount fails: it opens this inode."));
        }
    }

    private static (ByteRangeSet Active, ByteRangeSet Inactive) LogParts(RecoveredVolume recovered, ByteRangeSet bad)
    {
        LogPlace place = recovered.Ready.LogPlace;
        if (place.Device != DeviceRole.Data) return (ByteRangeSet.Empty, ByteRangeSet.Empty);
        ByteRangeSet all = ByteRangeSet.From(bad.Within(new(place.Offset, place.Length)));
        if (recovered.Log.Kind is LogStateKind.Damaged) return (all, ByteRangeSet.Empty);
        ByteRangeSet needed = ByteRangeSet.From(recovered.Log.ActiveBytes(place));
        ByteRangeSet outside = all.Except(needed);
        return (all.Except(outside), outside);
    }

    private static LogLoss? LossOf(RecoveredVolume recovered)
    {
        LogPlace place = recovered.Ready.LogPlace;
        switch (recovered.Log.Kind)
        {
            case LogStateKind.Damaged:
                return new(place.Length, null, null, null, null);
            case LogStateKind.Dirty:
                long bytes = recovered.Log.ActiveBytes(place).Sum(range => range.Length);
                return recovered.Replayed is { } replayed
                    ? new(
                        bytes, replayed.Counts.Transactions, replayed.Counts.Items, replayed.OpenIntents.Count,
                        recovered.InodesInLog)
                    : new(bytes, null, null, null, null);
            default:
                return null;
        }
    }
}
