// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Sizes and shifts of one filesystem, and the only place where one unit becomes another. Everything here was bounded
/// by <see cref="Superblock.TryOpen"/>.
/// </summary>
public sealed class Geometry
{
    private const int RealtimeGroupBlockLogMax = 32;

    private Geometry(in Superblock superblock)
    {
        Features = Features.Of(in superblock);
        BlockSize = (int)superblock.BlockSize;
        BlockLog = superblock.BlockLog;
        SectorSize = superblock.SectorSize;
        InodeSize = superblock.InodeSize;
        InodesPerBlock = superblock.InodesPerBlock;
        InodesPerBlockLog = superblock.InodesPerBlockLog;
        AgBlocks = superblock.AgBlocks;
        AgBlockLog = superblock.AgBlockLog;
        AgCount = superblock.AgCount;
        DataBlocks = superblock.DataBlocks;
        DirectoryBlockSize = BlockSize << superblock.DirectoryBlockLog;
        DirectoryBlockFsBlocks = 1 << superblock.DirectoryBlockLog;
        RootInode = new(superblock.RootInode);
        MetadataRootInode = Features.MetadataDirectory ? new(superblock.MetadataDirectoryInode) : null;
        Uuid = superblock.Uuid;
        MetadataUuid = superblock.MetadataUuid;
        LogStart = superblock.LogStart == 0 ? null : new(superblock.LogStart);
        LogBlocks = superblock.LogBlocks;
        LogSectorSize = superblock.LogSectorSize is 0 ? 512 : superblock.LogSectorSize;
        LogStripeUnit = superblock.LogStripeUnit;
        RealtimeBlocks = superblock.RealtimeBlocks;
        RealtimeExtentSize = superblock.RealtimeExtentSize;
        RealtimeBitmapBlocks = superblock.RealtimeBitmapBlocks;
        if (Features.MetadataDirectory)
        {
            RealtimeGroupCount = superblock.RealtimeGroupCount;
            RealtimeGroupBlocks = (ulong)superblock.RealtimeGroupExtents * superblock.RealtimeExtentSize;
            RealtimeGroupBlockLog = Math.Min(superblock.RealtimeGroupBlockLog, (byte)RealtimeGroupBlockLogMax);
        }

        SparseInodeAlignment = superblock.SparseInodeAlignment;
        InodeAlignment = superblock.InodeAlignment;
        StripeUnit = superblock.StripeUnit;
        StripeWidth = superblock.StripeWidth;
        SystemInodes = SystemInodes.Of(in superblock, Features);
    }

    public Features Features { get; }

    /// <summary>Bytes in a filesystem block.</summary>
    public int BlockSize { get; }

    public int BlockLog { get; }

    /// <summary>Bytes in a sector, the unit of the AG headers.</summary>
    public int SectorSize { get; }

    /// <summary>Bytes in an inode.</summary>
    public int InodeSize { get; }

    public int InodesPerBlock { get; }

    public int InodesPerBlockLog { get; }

    /// <summary>Filesystem blocks in every group but the last.</summary>
    public uint AgBlocks { get; }

    public int AgBlockLog { get; }

    public uint AgCount { get; }

    /// <summary>Filesystem blocks on the data device.</summary>
    public ulong DataBlocks { get; }

    /// <summary>Bytes on the data device that belong to the filesystem.</summary>
    public long DataLength => (long)DataBlocks << BlockLog;

    /// <summary>Bytes in a directory block.</summary>
    public int DirectoryBlockSize { get; }

    public int DirectoryBlockFsBlocks { get; }

    public InodeNumber RootInode { get; }

    /// <summary>Root of the metadata directory tree; null without that feature.</summary>
    public InodeNumber? MetadataRootInode { get; }

    public Guid Uuid { get; }

    /// <summary>The UUID that blocks carry.</summary>
    public Guid MetadataUuid { get; }

    /// <summary>First block of the internal log; null where the log is a device of its own.</summary>
    public FsBlock? LogStart { get; }

    /// <summary>Filesystem blocks in the log.</summary>
    public uint LogBlocks { get; }

    public int LogSectorSize { get; }

    /// <summary>Bytes; 0 or 1 where log writes are not padded to a stripe.</summary>
    public uint LogStripeUnit { get; }

    public ulong RealtimeBlocks { get; }

    /// <summary>Blocks in the unit of allocation of the realtime device.</summary>
    public uint RealtimeExtentSize { get; }

    /// <summary>Blocks of the bitmap of the realtime device, or of each of its groups.</summary>
    public uint RealtimeBitmapBlocks { get; }

    /// <summary>Groups of the realtime device; 0 where it has none.</summary>
    public uint RealtimeGroupCount { get; }

    /// <summary>Blocks in every realtime group but the last.</summary>
    public ulong RealtimeGroupBlocks { get; }

    /// <summary>Bits of a realtime block's number that count within its group.</summary>
    public int RealtimeGroupBlockLog { get; }

    public uint SparseInodeAlignment { get; }

    public uint InodeAlignment { get; }

    public uint StripeUnit { get; }

    public uint StripeWidth { get; }

    /// <summary>Inodes that hold the filesystem's own files, where no metadata directory does.</summary>
    public SystemInodes SystemInodes { get; }

    /// <summary>Inodes that one inode btree record speaks of, always 64.</summary>
    public const int InodesPerChunk = 64;

    public static Geometry Of(in Superblock superblock) => new(in superblock);

    /// <summary>Blocks in group <paramref name="ag"/>: the last one may be short.</summary>
    public uint BlocksIn(uint ag) =>
        ag + 1 < AgCount ? AgBlocks : (uint)(DataBlocks - (ulong)ag * AgBlocks);

    public bool IsValid(uint ag, AgBlock block) => ag < AgCount && block.Value < BlocksIn(ag);

    public bool IsValid(uint ag, AgBlock block, uint count) =>
        ag < AgCount && (ulong)block.Value + count <= BlocksIn(ag);

    public bool IsValid(FsBlock block) => IsValid(AgOf(block), AgBlockOf(block));

    /// <summary>A run of blocks within one group.</summary>
    public bool IsValid(FsBlock block, ulong count) =>
        count <= AgBlocks && IsValid(AgOf(block), AgBlockOf(block), (uint)count);

    /// <summary>The group of a stored block number; a number past every group where it is not valid.</summary>
    public uint AgOf(FsBlock block) => (uint)Math.Min(block.Value >> AgBlockLog, uint.MaxValue);

    public AgBlock AgBlockOf(FsBlock block) => new((uint)(block.Value & ((1ul << AgBlockLog) - 1)));

    public FsBlock FsBlockOf(uint ag, AgBlock block) => new((ulong)ag << AgBlockLog | block.Value);

    /// <summary>Byte offset on the data device.</summary>
    public long ByteOf(uint ag, AgBlock block) => (long)((ulong)ag * AgBlocks + block.Value) << BlockLog;

    public long ByteOf(FsBlock block) => ByteOf(AgOf(block), AgBlockOf(block));

    /// <summary>The group and block that hold a byte of the data device.</summary>
    public (uint Ag, AgBlock Block) BlockAt(long offset)
    {
        ulong linear = (ulong)offset >> BlockLog;
        return ((uint)(linear / AgBlocks), new((uint)(linear % AgBlocks)));
    }

    public DiskAddress DiskAddressOf(uint ag, AgBlock block) => new((ulong)ByteOf(ag, block) / DiskAddress.Size);

    public uint AgOf(InodeNumber inode) =>
        (uint)Math.Min(inode.Value >> (AgBlockLog + InodesPerBlockLog), uint.MaxValue);

    /// <summary>The inode's number within its group, as the inode btrees keep it.</summary>
    public uint AgInodeOf(InodeNumber inode) =>
        (uint)(inode.Value & ((1ul << (AgBlockLog + InodesPerBlockLog)) - 1));

    public InodeNumber InodeOf(uint ag, uint agInode) => new((ulong)ag << (AgBlockLog + InodesPerBlockLog) | agInode);

    public AgBlock BlockOfAgInode(uint agInode) => new(agInode >> InodesPerBlockLog);

    /// <summary>The block that holds an inode.</summary>
    public FsBlock BlockOf(InodeNumber inode) => FsBlockOf(AgOf(inode), BlockOfAgInode(AgInodeOf(inode)));

    /// <summary>Is the number one that could name an inode of this filesystem?</summary>
    public bool IsValid(InodeNumber inode) =>
        inode.Value != 0 && IsValid(AgOf(inode), BlockOfAgInode(AgInodeOf(inode)));

    /// <summary>Byte offset of an inode on the data device.</summary>
    public long ByteOf(InodeNumber inode)
    {
        uint agInode = AgInodeOf(inode);
        int slot = (int)(agInode & (uint)(InodesPerBlock - 1));
        return ByteOf(AgOf(inode), BlockOfAgInode(agInode)) + (long)slot * InodeSize;
    }

    /// <summary>What the block at this place of the data device must say of itself.</summary>
    public BlockIdentity IdentityOf(uint ag, AgBlock block, ulong? owner) =>
        new(Features.IsV5, DiskAddressOf(ag, block), owner, MetadataUuid);
}
