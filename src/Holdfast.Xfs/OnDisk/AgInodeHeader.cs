// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The AGI: roots of the inode btrees and the heads of the unlinked-inode lists. One sector in size.
/// Source of the format: xfs_format.h (struct xfs_agi).
/// </summary>
public sealed class AgInodeHeader
{
    /// <summary>Lists of inodes that were unlinked while open, by inode number modulo this.</summary>
    public const int UnlinkedBuckets = 64;

    /// <summary>"No inode" in the group-relative numbering.</summary>
    public const uint NullInode = uint.MaxValue;

    private const int MagicAt = 0;
    private const int VersionAt = MagicAt + sizeof(uint);
    private const int SequenceAt = VersionAt + sizeof(uint);
    private const int LengthAt = SequenceAt + sizeof(uint);
    internal const int CountAt = LengthAt + sizeof(uint);
    internal const int RootAt = CountAt + sizeof(uint);
    internal const int LevelAt = RootAt + sizeof(uint);
    internal const int FreeCountAt = LevelAt + sizeof(uint);
    private const int NewInodeAt = FreeCountAt + sizeof(uint);
    private const int DirectoryInodeAt = NewInodeAt + sizeof(uint);
    internal const int UnlinkedAt = DirectoryInodeAt + sizeof(uint);
    internal const int UuidAt = UnlinkedAt + UnlinkedBuckets * sizeof(uint);
    internal const int CrcAt = UuidAt + 16;
    internal const int LsnAt = CrcAt + sizeof(uint) + sizeof(uint); // padded
    internal const int FreeRootAt = LsnAt + sizeof(ulong);
    internal const int FreeLevelAt = FreeRootAt + sizeof(uint);
    internal const int InobtBlocksAt = FreeLevelAt + sizeof(uint);
    internal const int FinobtBlocksAt = InobtBlocksAt + sizeof(uint);

    private readonly uint[] _unlinked = new uint[UnlinkedBuckets];

    private AgInodeHeader()
    {
    }

    public uint Length { get; private init; }

    public uint Count { get; private init; }

    public uint FreeCount { get; private init; }

    public BtreeRoot Inobt { get; private init; }

    public BtreeRoot Finobt { get; private init; }

    public ulong Lsn { get; private init; }

    /// <summary>First inode (group-relative) of each unlinked list; <see cref="NullInode"/> where it is
    /// empty.</summary>
    public IReadOnlyList<uint> Unlinked => _unlinked;

    /// <param name="sector">One sector.</param>
    /// <param name="identity">Owner is the group number.</param>
    /// <param name="agLength">Blocks this group must have.</param>
    /// <param name="features">Which roots are there to check.</param>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> sector, in BlockIdentity identity, uint agLength, Features features,
            out AgInodeHeader? header)
    {
        header = null;
        if (sector.U32(MagicAt) != Magic.AgInode)
        {
            return BlockFault.WrongHex("agi_magicnum", Magic.AgInode, sector.U32(MagicAt));
        }
        if (identity.HasCrc)
        {
            if (!Crc32c.Verify(sector, CrcAt))
            {
                return BlockFault.WrongHex("agi_crc", Crc32c.Compute(sector, CrcAt), Crc32c.Stored(sector, CrcAt));
            }

            if (sector.Uuid(UuidAt) != identity.Uuid)
            {
                return BlockFault.Wrong("agi_uuid", $"{identity.Uuid}", $"{sector.Uuid(UuidAt)}");
            }
        }

        if (sector.U32(VersionAt) != 1) return BlockFault.Wrong("agi_versionnum", 1, sector.U32(VersionAt));
        if (sector.U32(SequenceAt) != identity.Owner)
        {
            return BlockFault.Wrong("agi_seqno", identity.Owner ?? 0, sector.U32(SequenceAt));
        }
        if (sector.U32(LengthAt) != agLength) return BlockFault.Wrong("agi_length", agLength, sector.U32(LengthAt));
        AgInodeHeader read = Decode(sector, features);
        BlockFault fault = AgFreeHeader.CheckRoot(read.Inobt, agLength, "agi");
        if (fault.IsNone && features.FreeInodeBtree) fault = AgFreeHeader.CheckRoot(read.Finobt, agLength, "agi_free");
        if (fault.IsNone) header = read;
        return fault;
    }

    private static AgInodeHeader Decode(ReadOnlySpan<byte> sector, Features features)
    {
        var header = new AgInodeHeader
        {
            Length = sector.U32(LengthAt),
            Count = sector.U32(CountAt),
            FreeCount = sector.U32(FreeCountAt),
            Inobt = AgFreeHeader.Root(sector, RootAt, LevelAt),
            Finobt = features.FreeInodeBtree ? AgFreeHeader.Root(sector, FreeRootAt, FreeLevelAt) : default,
            Lsn = features.IsV5 ? sector.U64(LsnAt) : 0,
        };
        for (int i = 0; i < UnlinkedBuckets; i++) header._unlinked[i] = sector.U32(UnlinkedAt + i * sizeof(uint));
        return header;
    }
}
