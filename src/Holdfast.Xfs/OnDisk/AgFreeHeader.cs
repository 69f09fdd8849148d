// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>Where a group's btree is rooted, and how many levels it has (1: the root is a leaf).</summary>
public readonly record struct BtreeRoot(AgBlock Block, int Levels);

/// <summary>
/// The AGF: roots of the free-space, reverse-mapping and reference-count btrees, and the free list's ends. One sector
/// in size. Source of the format: xfs_format.h (struct xfs_agf).
/// </summary>
public readonly record struct AgFreeHeader
{
    /// <summary>No btree in XFS is deeper than this (XFS_BTREE_MAXLEVELS).</summary>
    public const int LevelsMax = 9;

    internal const int MagicAt = 0;
    internal const int VersionAt = MagicAt + sizeof(uint);
    internal const int SequenceAt = VersionAt + sizeof(uint);
    internal const int LengthAt = SequenceAt + sizeof(uint);
    internal const int BnoRootAt = LengthAt + sizeof(uint);
    internal const int CntRootAt = BnoRootAt + sizeof(uint);
    internal const int RmapRootAt = CntRootAt + sizeof(uint);
    internal const int BnoLevelAt = RmapRootAt + sizeof(uint);
    internal const int CntLevelAt = BnoLevelAt + sizeof(uint);
    internal const int RmapLevelAt = CntLevelAt + sizeof(uint);
    internal const int FreeListFirstAt = RmapLevelAt + sizeof(uint);
    internal const int FreeListLastAt = FreeListFirstAt + sizeof(uint);
    internal const int FreeListCountAt = FreeListLastAt + sizeof(uint);
    internal const int FreeBlocksAt = FreeListCountAt + sizeof(uint);
    internal const int LongestAt = FreeBlocksAt + sizeof(uint);
    internal const int BtreeBlocksAt = LongestAt + sizeof(uint);
    internal const int UuidAt = BtreeBlocksAt + sizeof(uint);
    internal const int RmapBlocksAt = UuidAt + 16;
    internal const int RefcountBlocksAt = RmapBlocksAt + sizeof(uint);
    internal const int RefcountRootAt = RefcountBlocksAt + sizeof(uint);
    internal const int RefcountLevelAt = RefcountRootAt + sizeof(uint);
    internal const int SpareAt = RefcountLevelAt + sizeof(uint);
    internal const int LsnAt = SpareAt + 14 * sizeof(ulong);
    internal const int CrcAt = LsnAt + sizeof(ulong);

    public uint Length { get; private init; }

    public BtreeRoot Bnobt { get; private init; }

    public BtreeRoot Cntbt { get; private init; }

    public BtreeRoot Rmapbt { get; private init; }

    public BtreeRoot Refcountbt { get; private init; }

    public uint FreeListFirst { get; private init; }

    public uint FreeListLast { get; private init; }

    public uint FreeListCount { get; private init; }

    public uint FreeBlocks { get; private init; }

    public uint Longest { get; private init; }

    public ulong Lsn { get; private init; }

    /// <param name="sector">One sector.</param>
    /// <param name="identity">Owner is the group number.</param>
    /// <param name="agLength">Blocks this group must have.</param>
    /// <param name="features">Which roots are there to check.</param>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> sector, in BlockIdentity identity, uint agLength, Features features, out AgFreeHeader header)
    {
        header = default;
        if (sector.U32(MagicAt) != Magic.AgFree)
        {
            return BlockFault.WrongHex("agf_magicnum", Magic.AgFree, sector.U32(MagicAt));
        }
        if (identity.HasCrc)
        {
            if (!Crc32c.Verify(sector, CrcAt))
            {
                return BlockFault.WrongHex("agf_crc", Crc32c.Compute(sector, CrcAt), Crc32c.Stored(sector, CrcAt));
            }

            if (sector.Uuid(UuidAt) != identity.Uuid)
            {
                return BlockFault.Wrong("agf_uuid", $"{identity.Uuid}", $"{sector.Uuid(UuidAt)}");
            }
        }

        if (sector.U32(VersionAt) != 1) return BlockFault.Wrong("agf_versionnum", 1, sector.U32(VersionAt));
        if (sector.U32(SequenceAt) != identity.Owner)
        {
            return BlockFault.Wrong("agf_seqno", identity.Owner ?? 0, sector.U32(SequenceAt));
        }
        if (sector.U32(LengthAt) != agLength) return BlockFault.Wrong("agf_length", agLength, sector.U32(LengthAt));
        AgFreeHeader read = Decode(sector, features);
        BlockFault fault = CheckRoot(read.Bnobt, agLength, "agf_bno");
        if (fault.IsNone) fault = CheckRoot(read.Cntbt, agLength, "agf_cnt");
        if (fault.IsNone && features.ReverseMapBtree) fault = CheckRoot(read.Rmapbt, agLength, "agf_rmap");
        if (fault.IsNone && features.Reflink) fault = CheckRoot(read.Refcountbt, agLength, "agf_refcount");
        if (!fault.IsNone) return fault;
        if (read.FreeBlocks > agLength) return BlockFault.OutOfBounds("agf_freeblks", read.FreeBlocks, agLength);
        uint slots = AgFreeList.SlotsIn(sector.Length, identity.HasCrc);
        if (read.FreeListFirst >= slots) return BlockFault.OutOfBounds("agf_flfirst", read.FreeListFirst, slots - 1);
        if (read.FreeListLast >= slots) return BlockFault.OutOfBounds("agf_fllast", read.FreeListLast, slots - 1);
        if (read.FreeListCount > slots) return BlockFault.OutOfBounds("agf_flcount", read.FreeListCount, slots);
        header = read;
        return BlockFault.None;
    }

    internal static BlockFault CheckRoot(BtreeRoot root, uint agLength, string prefix)
    {
        if (root.Block.Value >= agLength)
        {
            return BlockFault.OutOfBounds($"{prefix}_root", root.Block.Value, agLength - 1);
        }
        return root.Levels is < 1 or > LevelsMax
            ? BlockFault.Wrong($"{prefix}_level", $"1 to {LevelsMax}", $"{root.Levels}")
            : BlockFault.None;
    }

    internal static BtreeRoot Root(ReadOnlySpan<byte> sector, int rootAt, int levelAt) =>
        new(new(sector.U32(rootAt)), (int)Math.Min(sector.U32(levelAt), int.MaxValue));

    private static AgFreeHeader Decode(ReadOnlySpan<byte> sector, Features features) => new()
    {
        Length = sector.U32(LengthAt),
        Bnobt = Root(sector, BnoRootAt, BnoLevelAt),
        Cntbt = Root(sector, CntRootAt, CntLevelAt),
        Rmapbt = features.ReverseMapBtree ? Root(sector, RmapRootAt, RmapLevelAt) : default,
        Refcountbt = features.Reflink ? Root(sector, RefcountRootAt, RefcountLevelAt) : default,
        FreeListFirst = sector.U32(FreeListFirstAt),
        FreeListLast = sector.U32(FreeListLastAt),
        FreeListCount = sector.U32(FreeListCountAt),
        FreeBlocks = sector.U32(FreeBlocksAt),
        Longest = sector.U32(LongestAt),
        Lsn = features.IsV5 ? sector.U64(LsnAt) : 0,
    };
}
