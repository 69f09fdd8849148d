// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// The superblock's count of free blocks, which recovery leaves to the mount: put right in a copy that xfs_repair is
/// to check.
/// </summary>
internal static class FreeBlockCount
{
    private const int FreeDataBlocksAt = 144;
    private const int CrcAt = 224;
    private const int BtreeBlocksAt = 60;

    public static void PutRight(XfsVolume volume, string copy)
    {
        Geometry geometry = volume.Geometry;
        ulong free = 0;
        byte[] sector = new byte[geometry.SectorSize];
        for (uint ag = 0; ag < geometry.AgCount; ag++)
        {
            AgFreeHeader header = volume.Group(ag).Free!.Value;
            long at = AgHeaderReader.ByteOfSector(geometry, ag, AgHeaderReader.FreeSector);
            Assert.True(volume.Data.Read(at, sector).IsNone);
            free += header.FreeBlocks + header.FreeListCount;
            free += BinaryPrimitives.ReadUInt32BigEndian(sector.AsSpan(BtreeBlocksAt));
        }

        using FileStream file = new(copy, FileMode.Open, FileAccess.ReadWrite);
        file.ReadExactly(sector);
        BinaryPrimitives.WriteUInt64BigEndian(sector.AsSpan(FreeDataBlocksAt), free);
        if (geometry.Features.IsV5) Crc32c.Write(sector, CrcAt);
        file.Position = 0;
        file.Write(sector);
    }
}
