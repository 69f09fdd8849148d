// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Describe;

/// <summary>What the four header sectors of one group say, each None or the reason why it is not believed.</summary>
/// <param name="FreeBlocks">Filesystem blocks, by the AGF; null where it cannot be believed.</param>
/// <param name="InodeCount">Inodes that are there, by the AGI; null where it cannot be believed.</param>
/// <param name="UnlinkedLists">Lists of inodes that were unlinked while open and never freed, by the AGI.</param>
public sealed record GroupHealth(
    uint Group, BlockFault Superblock, BlockFault Free, BlockFault Inodes, BlockFault FreeList, uint? FreeBlocks,
    uint? InodeCount, uint? FreeInodes, int UnlinkedLists)
{
    public bool IsSound => Superblock.IsNone && Free.IsNone && Inodes.IsNone && FreeList.IsNone;

    public static GroupHealth Read(XfsVolume volume, uint ag)
    {
        AllocationGroup group = volume.Group(ag);
        return new(
            ag,
            CheckSuperblock(volume, ag),
            group.FreeFault,
            group.InodesFault,
            CheckFreeList(volume, ag),
            group.Free?.FreeBlocks,
            group.Inodes?.Count,
            group.Inodes?.FreeCount,
            group.Inodes?.Unlinked.Count(i => i != AgInodeHeader.NullInode) ?? 0);
    }

    private static BlockFault CheckSuperblock(XfsVolume volume, uint ag)
    {
        BlockFault fault = ReadSector(volume, ag, 0, out byte[] sector);
        if (!fault.IsNone) return fault;
        fault = OnDisk.Superblock.TryOpen(sector, out Superblock superblock);
        if (!fault.IsNone) return fault;
        Geometry known = volume.Geometry;
        if (superblock.Uuid != known.Uuid) return BlockFault.Wrong("sb_uuid", $"{known.Uuid}", $"{superblock.Uuid}");
        return superblock.AgBlocks == known.AgBlocks && superblock.BlockSize == known.BlockSize
            ? BlockFault.None
            : BlockFault.Wrong("sb_agblocks", known.AgBlocks, superblock.AgBlocks);
    }

    private static BlockFault CheckFreeList(XfsVolume volume, uint ag)
    {
        BlockFault fault = ReadSector(volume, ag, AgHeaderReader.FreeListSector, out byte[] sector);
        if (!fault.IsNone) return fault;
        Geometry geometry = volume.Geometry;
        long offset = AgHeaderReader.ByteOfSector(geometry, ag, AgHeaderReader.FreeListSector);
        var identity = new BlockIdentity(
            geometry.Features.IsV5, new((ulong)offset / DiskAddress.Size), ag, geometry.MetadataUuid);
        return AgFreeList.TryOpen(sector, in identity, out _);
    }

    private static BlockFault ReadSector(XfsVolume volume, uint ag, int sector, out byte[] bytes)
    {
        bytes = new byte[volume.Geometry.SectorSize];
        ReadFault read = volume.Data.Read(AgHeaderReader.ByteOfSector(volume.Geometry, ag, sector), bytes);
        return read.IsNone ? BlockFault.None : BlockFault.Unreadable(read);
    }
}
