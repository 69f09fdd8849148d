// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;
using static Holdfast.Xfs.OnDisk.Superblock.At;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The superblock, viewed in place. <see cref="TryOpen"/> has checked what the rest of the reader divides by, shifts
/// by or multiplies with. Source of the format: xfs_format.h (struct xfs_dsb).
/// </summary>
public readonly ref struct Superblock
{
    /// <summary>The smallest sector an XFS can have; enough bytes to hold every field.</summary>
    public const int SizeMin = 512;

    private readonly ReadOnlySpan<byte> _bytes;

    private Superblock(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public uint BlockSize => _bytes.U32(BlockSizeAt);
    public ulong DataBlocks => _bytes.U64(DataBlocksAt);
    public ulong RealtimeBlocks => _bytes.U64(RealtimeBlocksAt);
    public ulong RealtimeExtents => _bytes.U64(RealtimeExtentsAt);
    public Guid Uuid => _bytes.Uuid(UuidAt);
    public ulong LogStart => _bytes.U64(LogStartAt);
    public ulong RootInode => _bytes.U64(RootInodeAt);
    public ulong RealtimeBitmapInode => _bytes.U64(RealtimeBitmapInodeAt);
    public ulong RealtimeSummaryInode => _bytes.U64(RealtimeSummaryInodeAt);
    public uint RealtimeExtentSize => _bytes.U32(RealtimeExtentSizeAt);
    public uint AgBlocks => _bytes.U32(AgBlocksAt);
    public uint AgCount => _bytes.U32(AgCountAt);
    public uint RealtimeBitmapBlocks => _bytes.U32(RealtimeBitmapBlocksAt);
    public uint LogBlocks => _bytes.U32(LogBlocksAt);
    public ushort VersionNumber => _bytes.U16(VersionNumberAt);
    public ushort SectorSize => _bytes.U16(SectorSizeAt);
    public ushort InodeSize => _bytes.U16(InodeSizeAt);
    public ushort InodesPerBlock => _bytes.U16(InodesPerBlockAt);
    public ReadOnlySpan<byte> Label => _bytes.Slice(LabelAt, LabelSize);
    public byte BlockLog => _bytes[BlockLogAt];
    public byte SectorLog => _bytes[SectorLogAt];
    public byte InodeLog => _bytes[InodeLogAt];
    public byte InodesPerBlockLog => _bytes[InodesPerBlockLogAt];
    public byte AgBlockLog => _bytes[AgBlockLogAt];
    public bool InProgress => _bytes[InProgressAt] != 0;
    public ulong InodeCount => _bytes.U64(InodeCountAt);
    public ulong FreeInodes => _bytes.U64(FreeInodesAt);
    public ulong FreeDataBlocks => _bytes.U64(FreeDataBlocksAt);
    public ulong UserQuotaInode => _bytes.U64(UserQuotaInodeAt);
    public ulong GroupQuotaInode => _bytes.U64(GroupQuotaInodeAt);
    public ushort QuotaFlags => _bytes.U16(QuotaFlagsAt);
    public uint InodeAlignment => _bytes.U32(InodeAlignmentAt);
    public uint StripeUnit => _bytes.U32(StripeUnitAt);
    public uint StripeWidth => _bytes.U32(StripeWidthAt);
    public byte DirectoryBlockLog => _bytes[DirectoryBlockLogAt];
    public byte LogSectorLog => _bytes[LogSectorLogAt];
    public ushort LogSectorSize => _bytes.U16(LogSectorSizeAt);
    public uint LogStripeUnit => _bytes.U32(LogStripeUnitAt);
    public uint Features2 => _bytes.U32(Features2At);
    public uint CompatibleFeatures => _bytes.U32(CompatibleFeaturesAt);
    public uint ReadOnlyCompatibleFeatures => _bytes.U32(ReadOnlyCompatibleFeaturesAt);
    public uint IncompatibleFeatures => _bytes.U32(IncompatibleFeaturesAt);
    public uint LogIncompatibleFeatures => _bytes.U32(LogIncompatibleFeaturesAt);
    public uint SparseInodeAlignment => _bytes.U32(SparseInodeAlignmentAt);
    public ulong ProjectQuotaInode => _bytes.U64(ProjectQuotaInodeAt);
    public ulong Lsn => _bytes.U64(LsnAt);
    public Guid MetadataUuidField => _bytes.Uuid(MetadataUuidAt);
    public ulong MetadataDirectoryInode => _bytes.U64(MetadataDirectoryInodeAt);
    public uint RealtimeGroupCount => _bytes.U32(RealtimeGroupCountAt);
    public uint RealtimeGroupExtents => _bytes.U32(RealtimeGroupExtentsAt);
    public byte RealtimeGroupBlockLog => _bytes[RealtimeGroupBlockLogAt];
    public ulong RealtimeStart => _bytes.U64(RealtimeStartAt);

    public int Version => VersionNumber & Features.VersionMask;

    /// <summary>The UUID that metadata blocks carry: apart from the user-visible one only after a UUID
    /// change.</summary>
    public Guid MetadataUuid =>
        Version == 5 && (IncompatibleFeatures & Features.IncompatMetaUuid) != 0 ? MetadataUuidField : Uuid;

    /// <summary>
    /// Verifies and views a superblock; <paramref name="sector"/> is at least <see cref="SizeMin"/> bytes, and a whole
    /// sector (as the superblock itself names it) where the checksum is to be checked.
    /// </summary>
    public static BlockFault TryOpen(ReadOnlySpan<byte> sector, out Superblock superblock)
    {
        superblock = default;
        var view = new Superblock(sector);
        if (sector.U32(MagicAt) != Magic.Superblock)
        {
            return BlockFault.WrongHex("sb_magicnum", Magic.Superblock, sector.U32(MagicAt));
        }

        if (view.Version is not (4 or 5)) return BlockFault.Wrong("sb_versionnum", "version 4 or 5", $"{view.Version}");
        BlockFault fault = view.CheckSizes();
        if (!fault.IsNone) return fault;
        if (view.Version == 5)
        {
            if (sector.Length < view.SectorSize) return BlockFault.Bad("read", "the sector is cut short");
            ReadOnlySpan<byte> whole = sector[..view.SectorSize];
            if (!Crc32c.Verify(whole, CrcAt))
            {
                return BlockFault.WrongHex("sb_crc", Crc32c.Compute(whole, CrcAt), Crc32c.Stored(whole, CrcAt));
            }
        }

        fault = view.CheckGeometry();
        if (fault.IsNone) superblock = view;
        return fault;
    }

    private BlockFault CheckSizes()
    {
        if (!IsPowerOfTwo(BlockSize, BlockLog) || BlockSize is < 512 or > 65536)
        {
            return BlockFault.Wrong("sb_blocksize", "a power of two from 512 to 65536", $"{BlockSize}");
        }

        if (!IsPowerOfTwo(SectorSize, SectorLog) || SectorSize is < 512 or > 32768 || SectorSize > BlockSize)
        {
            return BlockFault.Wrong("sb_sectsize", "a power of two from 512 to the block size", $"{SectorSize}");
        }

        if (!IsPowerOfTwo(InodeSize, InodeLog) || InodeSize is < 256 or > 2048 || InodeSize > BlockSize)
        {
            return BlockFault.Wrong("sb_inodesize", "a power of two from 256 to 2048", $"{InodeSize}");
        }

        return BlockFault.None;
    }

    private BlockFault CheckGeometry()
    {
        if (InodesPerBlock != BlockSize / InodeSize || InodesPerBlockLog != BlockLog - InodeLog)
        {
            return BlockFault.Wrong("sb_inopblock", BlockSize / InodeSize, InodesPerBlock);
        }

        if (DirectoryBlockLog > 16 - BlockLog)
        {
            return BlockFault.OutOfBounds("sb_dirblklog", DirectoryBlockLog, 16u - BlockLog);
        }
        if (AgBlocks < 8 || AgBlockLog > 31 || AgBlocks > 1u << AgBlockLog
            || (AgBlockLog > 0 && AgBlocks <= 1u << (AgBlockLog - 1)))
        {
            return BlockFault.Wrong("sb_agblocks", $"above 2^{AgBlockLog - 1}, at most 2^{AgBlockLog}", $"{AgBlocks}");
        }

        ulong blocksMin = AgCount == 0 ? 0 : (ulong)(AgCount - 1) * AgBlocks;
        if (AgCount == 0 || DataBlocks <= blocksMin || DataBlocks > (ulong)AgCount * AgBlocks)
        {
            return BlockFault.Wrong("sb_dblocks", $"{blocksMin + 1} to {(ulong)AgCount * AgBlocks}", $"{DataBlocks}");
        }

        if (DataBlocks > (ulong)(long.MaxValue >> BlockLog))
        {
            return BlockFault.OutOfBounds("sb_dblocks", DataBlocks, ulong.MaxValue >> 1 >> BlockLog);
        }
        if (LogBlocks > 1u << 30) return BlockFault.OutOfBounds("sb_logblocks", LogBlocks, 1u << 30);
        if (LogStart != 0)
        {
            ulong ag = LogStart >> AgBlockLog;
            ulong block = LogStart & ((1ul << AgBlockLog) - 1);
            if (ag >= AgCount || block + LogBlocks > AgBlocks)
            {
                return BlockFault.Bad("sb_logstart", $"{LogStart} with {LogBlocks} blocks leaves its group");
            }
        }

        return BlockFault.None;
    }

    private static bool IsPowerOfTwo(uint size, byte log) => log < 32 && size == 1u << log;

    /// <summary>Field positions, each the sum of the widths before it.</summary>
    public static class At
    {
        internal const int LabelSize = 12;

        public const int MagicAt = 0;
        public const int BlockSizeAt = MagicAt + sizeof(uint);
        public const int DataBlocksAt = BlockSizeAt + sizeof(uint);
        public const int RealtimeBlocksAt = DataBlocksAt + sizeof(ulong);
        public const int RealtimeExtentsAt = RealtimeBlocksAt + sizeof(ulong);
        public const int UuidAt = RealtimeExtentsAt + sizeof(ulong);
        public const int LogStartAt = UuidAt + 16;
        public const int RootInodeAt = LogStartAt + sizeof(ulong);
        public const int RealtimeBitmapInodeAt = RootInodeAt + sizeof(ulong);
        public const int RealtimeSummaryInodeAt = RealtimeBitmapInodeAt + sizeof(ulong);
        public const int RealtimeExtentSizeAt = RealtimeSummaryInodeAt + sizeof(ulong);
        public const int AgBlocksAt = RealtimeExtentSizeAt + sizeof(uint);
        public const int AgCountAt = AgBlocksAt + sizeof(uint);
        public const int RealtimeBitmapBlocksAt = AgCountAt + sizeof(uint);
        public const int LogBlocksAt = RealtimeBitmapBlocksAt + sizeof(uint);
        public const int VersionNumberAt = LogBlocksAt + sizeof(uint);
        public const int SectorSizeAt = VersionNumberAt + sizeof(ushort);
        public const int InodeSizeAt = SectorSizeAt + sizeof(ushort);
        public const int InodesPerBlockAt = InodeSizeAt + sizeof(ushort);
        public const int LabelAt = InodesPerBlockAt + sizeof(ushort);
        public const int BlockLogAt = LabelAt + LabelSize;
        public const int SectorLogAt = BlockLogAt + 1;
        public const int InodeLogAt = SectorLogAt + 1;
        public const int InodesPerBlockLogAt = InodeLogAt + 1;
        public const int AgBlockLogAt = InodesPerBlockLogAt + 1;
        public const int RealtimeExtentLogAt = AgBlockLogAt + 1;
        public const int InProgressAt = RealtimeExtentLogAt + 1;
        public const int InodePercentMaxAt = InProgressAt + 1;
        public const int InodeCountAt = InodePercentMaxAt + 1;
        public const int FreeInodesAt = InodeCountAt + sizeof(ulong);
        public const int FreeDataBlocksAt = FreeInodesAt + sizeof(ulong);
        public const int FreeRealtimeExtentsAt = FreeDataBlocksAt + sizeof(ulong);
        public const int UserQuotaInodeAt = FreeRealtimeExtentsAt + sizeof(ulong);
        public const int GroupQuotaInodeAt = UserQuotaInodeAt + sizeof(ulong);
        public const int QuotaFlagsAt = GroupQuotaInodeAt + sizeof(ulong);
        public const int FlagsAt = QuotaFlagsAt + sizeof(ushort);
        public const int SharedVersionAt = FlagsAt + 1;
        public const int InodeAlignmentAt = SharedVersionAt + 1;
        public const int StripeUnitAt = InodeAlignmentAt + sizeof(uint);
        public const int StripeWidthAt = StripeUnitAt + sizeof(uint);
        public const int DirectoryBlockLogAt = StripeWidthAt + sizeof(uint);
        public const int LogSectorLogAt = DirectoryBlockLogAt + 1;
        public const int LogSectorSizeAt = LogSectorLogAt + 1;
        public const int LogStripeUnitAt = LogSectorSizeAt + sizeof(ushort);
        public const int Features2At = LogStripeUnitAt + sizeof(uint);
        public const int BadFeatures2At = Features2At + sizeof(uint);
        public const int CompatibleFeaturesAt = BadFeatures2At + sizeof(uint);
        public const int ReadOnlyCompatibleFeaturesAt = CompatibleFeaturesAt + sizeof(uint);
        public const int IncompatibleFeaturesAt = ReadOnlyCompatibleFeaturesAt + sizeof(uint);
        public const int LogIncompatibleFeaturesAt = IncompatibleFeaturesAt + sizeof(uint);
        public const int CrcAt = LogIncompatibleFeaturesAt + sizeof(uint);
        public const int SparseInodeAlignmentAt = CrcAt + sizeof(uint);
        public const int ProjectQuotaInodeAt = SparseInodeAlignmentAt + sizeof(uint);
        public const int LsnAt = ProjectQuotaInodeAt + sizeof(ulong);
        public const int MetadataUuidAt = LsnAt + sizeof(ulong);
        public const int MetadataDirectoryInodeAt = MetadataUuidAt + 16;
        public const int RealtimeGroupCountAt = MetadataDirectoryInodeAt + sizeof(ulong);
        public const int RealtimeGroupExtentsAt = RealtimeGroupCountAt + sizeof(uint);
        public const int RealtimeGroupBlockLogAt = RealtimeGroupExtentsAt + sizeof(uint);
        public const int RealtimeStartAt = RealtimeGroupBlockLogAt + 8; // one byte and seven of padding
        public const int RealtimeReservedAt = RealtimeStartAt + sizeof(ulong);
    }
}
