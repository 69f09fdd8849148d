// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>
/// Makes the checksums of a damaged block right again, so that damage gets past the first door. Which checksums a block
/// has, its magic number tells; positions are those of the V5 formats.
/// </summary>
internal static class ChecksumRepair
{
    private const int ShortBtreeCrcAt = 52;
    private const int LongBtreeCrcAt = 64;
    private const int DirectoryCrcAt = 4;
    private const int DaCrcAt = 12;
    private const int AgFreeCrcAt = 216;
    private const int AgInodeCrcAt = 312;
    private const int AgFreeListCrcAt = 32;
    private const int InodeCrcAt = 100;

    public static void Repair(Span<byte> block, int sectorSize, int inodeSize)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(block);
        int at = magic switch
        {
            Magic.BnobtV5 or Magic.CntbtV5 or Magic.InobtV5 or Magic.FinobtV5 => ShortBtreeCrcAt,
            Magic.Rmapbt or Magic.Refcountbt => ShortBtreeCrcAt,
            Magic.BmbtV5 => LongBtreeCrcAt,
            Magic.DirectoryBlockV5 or Magic.DirectoryDataV5 or Magic.DirectoryFreeV5 => DirectoryCrcAt,
            Magic.SymlinkV5 or Magic.AttributeRemoteV5 => DaCrcAt,
            _ => DaMagic(block) ? DaCrcAt : -1,
        };
        if (at >= 0) Crc32c.Write(block, at);
        else if (magic == Magic.Superblock) RepairSectors(block, sectorSize);
        else if (magic >> 16 == Magic.Inode)
        {
            for (int i = 0; i < block.Length; i += inodeSize) Crc32c.Write(block.Slice(i, inodeSize), InodeCrcAt);
        }
    }

    private static bool DaMagic(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt16BigEndian(block[8..])
        is Magic.DaNodeV5 or Magic.AttributeLeafV5 or Magic.DirectoryLeaf1V5 or Magic.DirectoryLeafNV5;

    private static void RepairSectors(Span<byte> block, int sectorSize)
    {
        for (int i = 0; i + sectorSize <= block.Length; i += sectorSize)
        {
            Span<byte> sector = block.Slice(i, sectorSize);
            int at = BinaryPrimitives.ReadUInt32BigEndian(sector) switch
            {
                Magic.Superblock => Superblock.At.CrcAt,
                Magic.AgFree => AgFreeCrcAt,
                Magic.AgInode => AgInodeCrcAt,
                Magic.AgFreeList => AgFreeListCrcAt,
                _ => -1,
            };
            if (at >= 0) Crc32c.Write(sector, at);
        }
    }
}
