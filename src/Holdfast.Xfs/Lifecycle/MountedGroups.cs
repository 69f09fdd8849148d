// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// What a mount reads of every group: for writing, or after recovery, the AGF and AGI. For writing it also counts the
/// blocks of the finobt, where the AGI does not keep their number.
/// </summary>
internal static class MountedGroups
{
    public static void Check(
        RecoveredVolume recovered, List<MountObstacle> obstacles, CancellationToken cancellationToken)
    {
        XfsVolume volume = recovered.Volume;
        bool isRecovering = recovered.Log.Kind is LogStateKind.Dirty or LogStateKind.Damaged;
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AllocationGroup group = volume.Group(ag);
            Header(volume.Geometry, ag, AgHeaderReader.FreeSector, group.FreeFault, "AGF", isRecovering, obstacles);
            Header(volume.Geometry, ag, AgHeaderReader.InodeSector, group.InodesFault, "AGI", isRecovering, obstacles);
            if (volume.Features.FreeInodeBtree && !volume.Features.InodeBtreeCounts)
            {
                FreeInodes(volume, group, obstacles);
            }
        }
    }

    private static void Header(
        Geometry geometry, uint ag, int sector, BlockFault fault, string word, bool isRecovering,
        List<MountObstacle> obstacles)
    {
        if (fault.IsNone) return;
        Fault why = fault.At(
            DeviceRole.Data, AgHeaderReader.ByteOfSector(geometry, ag, sector), geometry.SectorSize,
            $"{word} of group {ag}");
        obstacles.Add(isRecovering
            ? new(why, "A mount fails: after recovery it reads the headers of every group.")
            : new(why, "A mount for writing fails: it reads the headers of every group.", MountEffect.FailsForWriting));
    }

    private static void FreeInodes(XfsVolume volume, AllocationGroup group, List<MountObstacle> obstacles)
    {
        if (group.Inodes is not { } header) return;
        XfsVolume witness = volume.WithOwnFaults();
        var walk = new Blocks();
        BtreeWalk.Run(witness, group, BtreeFormat.Finobt, header.Finobt, ref walk);
        foreach (Fault fault in witness.Faults.ToList())
        {
            obstacles.Add(new(
                fault, "A mount for writing fails: it counts the blocks of this tree.", MountEffect.FailsForWriting));
        }
    }

    private readonly struct Blocks : IBtreeVisitor
    {
        public bool Wants(uint low, uint high) => true;

        public void Block(AgBlock block, int level)
        {
        }

        public void Leaf(in BtreeBlock leaf)
        {
        }

        public void Lost(AgBlock block, int level, uint low, uint high)
        {
        }
    }
}
