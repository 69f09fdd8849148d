// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Reads a group's headers. They lie in sectors 0 to 3 of the group: superblock (a copy, but in group 0), AGF, AGI,
/// AGFL.
/// </summary>
internal static class AgHeaderReader
{
    public const int FreeSector = 1;
    public const int InodeSector = 2;
    public const int FreeListSector = 3;
    public const int Sectors = 4;

    /// <summary>Reports what cannot be believed to the volume's faults.</summary>
    public static AllocationGroup Read(XfsVolume volume, uint ag)
    {
        Geometry geometry = volume.Geometry;
        uint blocks = geometry.BlocksIn(ag);
        byte[] sector = new byte[geometry.SectorSize];
        BlockFault freeFault = ReadSector(volume, ag, FreeSector, sector);
        AgFreeHeader free = default;
        if (freeFault.IsNone)
        {
            BlockIdentity identity = IdentityOf(geometry, ag, FreeSector);
            freeFault = AgFreeHeader.TryOpen(sector, in identity, blocks, geometry.Features, out free);
        }

        AgInodeHeader? inodes = null;
        BlockFault inodesFault = ReadSector(volume, ag, InodeSector, sector);
        if (inodesFault.IsNone)
        {
            BlockIdentity identity = IdentityOf(geometry, ag, InodeSector);
            inodesFault = AgInodeHeader.TryOpen(sector, in identity, blocks, geometry.Features, out inodes);
        }

        Report(volume, ag, FreeSector, freeFault, "AGF");
        Report(volume, ag, InodeSector, inodesFault, "AGI");
        return new AllocationGroup(ag, blocks)
        {
            Free = freeFault.IsNone ? free : null,
            FreeFault = freeFault,
            Inodes = inodes,
            InodesFault = inodesFault,
        };
    }

    /// <summary>The blocks on the group's free list; null, with the fault reported, where they cannot be
    /// believed.</summary>
    public static List<AgBlock>? ReadFreeList(XfsVolume volume, AllocationGroup group)
    {
        if (group.Free is not { } free) return null;
        byte[] sector = new byte[volume.Geometry.SectorSize];
        BlockFault fault = ReadSector(volume, group.Number, FreeListSector, sector);
        var blocks = new List<AgBlock>();
        if (fault.IsNone)
        {
            BlockIdentity identity = IdentityOf(volume.Geometry, group.Number, FreeListSector);
            fault = AgFreeList.TryOpen(sector, in identity, out AgFreeList list);
            if (fault.IsNone) fault = Collect(in list, free, group.Blocks, blocks);
        }

        Report(volume, group.Number, FreeListSector, fault, "AGFL");
        return fault.IsNone ? blocks : null;
    }

    public static long ByteOfSector(Geometry geometry, uint ag, int sector) =>
        geometry.ByteOf(ag, new(0)) + (long)sector * geometry.SectorSize;

    private static BlockFault Collect(in AgFreeList list, AgFreeHeader free, uint agBlocks, List<AgBlock> blocks)
    {
        int slot = (int)free.FreeListFirst;
        for (uint i = 0; i < free.FreeListCount; i++)
        {
            AgBlock block = list[slot];
            if (block.Value >= agBlocks) return BlockFault.OutOfBounds($"agfl_bno[{slot}]", block.Value, agBlocks - 1);
            blocks.Add(block);
            slot = slot + 1 == list.Slots ? 0 : slot + 1;
        }

        return BlockFault.None;
    }

    private static BlockFault ReadSector(XfsVolume volume, uint ag, int sector, Span<byte> buffer)
    {
        ReadFault read = volume.Data.Read(ByteOfSector(volume.Geometry, ag, sector), buffer);
        return read.IsNone ? BlockFault.None : BlockFault.Unreadable(read);
    }

    private static BlockIdentity IdentityOf(Geometry geometry, uint ag, int sector) => new(
        geometry.Features.IsV5,
        new((ulong)ByteOfSector(geometry, ag, sector) / DiskAddress.Size),
        ag,
        geometry.MetadataUuid);

    private static void Report(XfsVolume volume, uint ag, int sector, BlockFault fault, string word)
    {
        if (fault.IsNone) return;
        volume.Faults.Add(
            fault, DeviceRole.Data, ByteOfSector(volume.Geometry, ag, sector), volume.Geometry.SectorSize,
            $"{word} of group {ag}");
    }
}
