// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>Magic numbers, big-endian on disk; named as in the format. Source: xfs_format.h, xfs_da_format.h.</summary>
public static class Magic
{
    public const uint Superblock = 0x58465342; // XFSB
    public const uint AgFree = 0x58414746; // XAGF
    public const uint AgInode = 0x58414749; // XAGI
    public const uint AgFreeList = 0x5841464C; // XAFL
    public const uint BnobtV4 = 0x41425442; // ABTB
    public const uint BnobtV5 = 0x41423342; // AB3B
    public const uint CntbtV4 = 0x41425443; // ABTC
    public const uint CntbtV5 = 0x41423343; // AB3C
    public const uint InobtV4 = 0x49414254; // IABT
    public const uint InobtV5 = 0x49414233; // IAB3
    public const uint FinobtV4 = 0x46494254; // FIBT
    public const uint FinobtV5 = 0x46494233; // FIB3
    public const uint Rmapbt = 0x524D4233; // RMB3
    public const uint Refcountbt = 0x52334643; // R3FC
    public const uint BmbtV4 = 0x424D4150; // BMAP
    public const uint BmbtV5 = 0x424D4133; // BMA3
    public const uint Rtrmapbt = 0x4D415052; // MAPR
    public const uint Rtrefcountbt = 0x52434E54; // RCNT
    public const ushort Inode = 0x494E; // IN
    public const ushort Dquot = 0x4451; // DQ
    public const uint SymlinkV5 = 0x58534C4D; // XSLM
    public const uint DirectoryBlockV4 = 0x58443242; // XD2B
    public const uint DirectoryBlockV5 = 0x58444233; // XDB3
    public const uint DirectoryDataV4 = 0x58443244; // XD2D
    public const uint DirectoryDataV5 = 0x58444433; // XDD3
    public const uint DirectoryFreeV4 = 0x58443246; // XD2F
    public const uint DirectoryFreeV5 = 0x58444633; // XDF3
    public const ushort DirectoryLeaf1V4 = 0xD2F1;
    public const ushort DirectoryLeaf1V5 = 0x3DF1;
    public const ushort DirectoryLeafNV4 = 0xD2FF;
    public const ushort DirectoryLeafNV5 = 0x3DFF;
    public const ushort DaNodeV4 = 0xFEBE;
    public const ushort DaNodeV5 = 0x3EBE;
    public const ushort AttributeLeafV4 = 0xFBEE;
    public const ushort AttributeLeafV5 = 0x3BEE;
    public const uint AttributeRemoteV5 = 0x5841524D; // XARM
}
