// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// Where a V5 buffer keeps the fields by which replay knows how old it is and by which readers believe it. Which kind
/// it is tells the magic number in the block (L12), never the item.
/// </summary>
/// <param name="LsnAt">Byte position of the sequence number; negative where there is none that counts.</param>
/// <param name="UuidAt">Byte position of the filesystem's UUID; negative where there is none.</param>
/// <param name="CrcAt">Byte position of the checksum; negative where the buffer as a whole has none.</param>
internal readonly record struct BufferStamp(int LsnAt, int UuidAt, int CrcAt)
{
    private const uint RealtimeBitmapMagic = 0x424D505A; // BMPZ
    private const uint RealtimeSummaryMagic = 0x53554D59; // SUMY

    private const int RealtimeCrcAt = sizeof(uint);
    private const int RealtimeLsnAt = RealtimeCrcAt + sizeof(uint) + 2 * sizeof(ulong); // past owner and address
    private const int RealtimeUuidAt = RealtimeLsnAt + sizeof(ulong);

    private static readonly BufferStamp ShortBtree = new(BtreeBlock.ShortLsnAt, BtreeBlock.ShortUuidAt,
        BtreeBlock.ShortCrcAt);
    private static readonly BufferStamp LongBtree = new(BtreeBlock.LongLsnAt, BtreeBlock.LongUuidAt,
        BtreeBlock.LongCrcAt);
    private static readonly BufferStamp Directory = new(DirectoryBlockHeader.LsnAt, DirectoryBlockHeader.UuidAt,
        DirectoryBlockHeader.CrcAt);
    private static readonly BufferStamp HashTree = new(DaBlockInfo.LsnAt, DaBlockInfo.UuidAt, DaBlockInfo.CrcAt);
    private static readonly BufferStamp Realtime = new(RealtimeLsnAt, RealtimeUuidAt, RealtimeCrcAt);

    /// <summary>Bytes of a buffer's start that tell which kind it is, and hold every LSN and UUID but the AG
    /// headers'.</summary>
    public const int PrefixSize = 512;

    public static BufferStamp None { get; } = new(-1, -1, -1);

    /// <summary>The kind of buffer that these bytes begin.</summary>
    public static BufferStamp Find(ReadOnlySpan<byte> bytes) => bytes.U32(0) switch
    {
        Magic.BnobtV5 or Magic.CntbtV5 or Magic.InobtV5 or Magic.FinobtV5 or Magic.Rmapbt or Magic.Refcountbt
            or Magic.BnobtV4 or Magic.CntbtV4 or Magic.InobtV4 or Magic.FinobtV4 => ShortBtree,
        Magic.BmbtV5 or Magic.BmbtV4 or Magic.Rtrmapbt or Magic.Rtrefcountbt => LongBtree,
        Magic.AgFree => new(AgFreeHeader.LsnAt, AgFreeHeader.UuidAt, AgFreeHeader.CrcAt),
        Magic.AgFreeList => new(AgFreeList.LsnAt, AgFreeList.UuidAt, AgFreeList.CrcAt),
        Magic.AgInode => new(AgInodeHeader.LsnAt, AgInodeHeader.UuidAt, AgInodeHeader.CrcAt),
        Magic.SymlinkV5 => new(RemoteBlockHeader.LsnAt, RemoteBlockHeader.UuidAt, RemoteBlockHeader.CrcAt),
        // A remote value is written at once and not logged: its LSN means nothing.
        Magic.AttributeRemoteV5 => new(-1, RemoteBlockHeader.UuidAt, RemoteBlockHeader.CrcAt),
        Magic.DirectoryBlockV5 or Magic.DirectoryDataV5 or Magic.DirectoryFreeV5 => Directory,
        Magic.Superblock => new(Superblock.At.LsnAt, -1, Superblock.At.CrcAt),
        RealtimeBitmapMagic or RealtimeSummaryMagic => Realtime,
        _ => bytes.U16(DaBlockInfo.MagicAt) switch
        {
            Magic.DirectoryLeaf1V5 or Magic.DirectoryLeafNV5 or Magic.DaNodeV5 or Magic.AttributeLeafV5 => HashTree,
            _ => None,
        },
    };

    /// <summary>Does the block's magic number agree with what the item says it holds?</summary>
    public static bool Agrees(BufferType type, ReadOnlySpan<byte> bytes)
    {
        uint magic = bytes.U32(0);
        ushort hashMagic = bytes.U16(DaBlockInfo.MagicAt);
        return type switch
        {
            BufferType.Btree => Find(bytes) == ShortBtree || Find(bytes) == LongBtree,
            BufferType.AgFreeHeader => magic == Magic.AgFree,
            BufferType.AgFreeList => magic == Magic.AgFreeList,
            BufferType.AgInodeHeader => magic == Magic.AgInode,
            BufferType.Symlink => magic == Magic.SymlinkV5,
            BufferType.DirectoryBlock => magic == Magic.DirectoryBlockV5,
            BufferType.DirectoryData => magic == Magic.DirectoryDataV5,
            BufferType.DirectoryFree => magic == Magic.DirectoryFreeV5,
            BufferType.DirectoryLeaf1 => hashMagic == Magic.DirectoryLeaf1V5,
            BufferType.DirectoryLeafN => hashMagic == Magic.DirectoryLeafNV5,
            BufferType.DaNode => hashMagic == Magic.DaNodeV5,
            BufferType.AttributeLeaf => hashMagic == Magic.AttributeLeafV5,
            BufferType.AttributeRemote => magic == Magic.AttributeRemoteV5,
            BufferType.Superblock => magic == Magic.Superblock,
            BufferType.RealtimeBitmap => magic == RealtimeBitmapMagic,
            BufferType.RealtimeSummary => magic == RealtimeSummaryMagic,
            _ => false,
        };
    }
}
