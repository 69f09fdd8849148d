// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A run of blocks of one group and who owns it: the record of the reverse-mapping btree, and of the index that is
/// built where there is none. 24 bytes either way. Source of the format: xfs_format.h (struct xfs_rmap_rec).
/// </summary>
/// <param name="Start">First block.</param>
/// <param name="Length">Blocks.</param>
/// <param name="Owner">An inode number, or one of <see cref="RmapOwner"/>.</param>
/// <param name="PackedOffset">Flags above, block offset in the fork below, as on disk.</param>
public readonly record struct RmapRecord(AgBlock Start, uint Length, ulong Owner, ulong PackedOffset)
    : IComparable<RmapRecord>
{
    public const ulong AttributeFork = 1ul << 63;
    public const ulong BlockMap = 1ul << 62;
    public const ulong Unwritten = 1ul << 61;
    public const ulong OffsetMask = (1ul << 54) - 1;

    /// <summary>Keys order by start, owner and offset; "unwritten" is no part of a key.</summary>
    public const int KeySize = sizeof(uint) + 2 * sizeof(ulong);

    private const int LengthAt = sizeof(uint);
    private const int OwnerAt = LengthAt + sizeof(uint);
    private const int OffsetAt = OwnerAt + sizeof(ulong);

    public const int Size = OffsetAt + sizeof(ulong);

    /// <summary>The first block after the run.</summary>
    public ulong End => (ulong)Start.Value + Length;

    public bool IsInode => (long)Owner >= 0;

    public bool IsAttributeFork => (PackedOffset & AttributeFork) != 0;

    /// <summary>The blocks hold the fork's block map, not its content.</summary>
    public bool IsBlockMap => (PackedOffset & BlockMap) != 0;

    public bool IsUnwritten => (PackedOffset & Unwritten) != 0;

    /// <summary>Block offset in the fork; meaningless for block maps and owners that are no inode.</summary>
    public FileBlock Offset => new(PackedOffset & OffsetMask);

    public static RmapRecord Read(ReadOnlySpan<byte> bytes) =>
        new(new(bytes.U32(0)), bytes.U32(LengthAt), bytes.U64(OwnerAt), bytes.U64(OffsetAt));

    /// <summary>First block that a key names.</summary>
    public static AgBlock KeyStart(ReadOnlySpan<byte> key) => new(BinaryPrimitives.ReadUInt32BigEndian(key));

    public int CompareTo(RmapRecord other)
    {
        int order = Start.Value.CompareTo(other.Start.Value);
        if (order == 0) order = Owner.CompareTo(other.Owner);
        return order != 0 ? order : (PackedOffset & ~Unwritten).CompareTo(other.PackedOffset & ~Unwritten);
    }

    public static bool operator <(RmapRecord left, RmapRecord right) => left.CompareTo(right) < 0;

    public static bool operator >(RmapRecord left, RmapRecord right) => left.CompareTo(right) > 0;

    public static bool operator <=(RmapRecord left, RmapRecord right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RmapRecord left, RmapRecord right) => left.CompareTo(right) >= 0;
}

/// <summary>Owners that are no inode: small negative numbers. Source: xfs_format.h (XFS_RMAP_OWN_*).</summary>
public static class RmapOwner
{
    public const ulong Null = unchecked((ulong)-1L);
    public const ulong Unknown = unchecked((ulong)-2L);
    public const ulong Filesystem = unchecked((ulong)-3L);
    public const ulong Log = unchecked((ulong)-4L);
    public const ulong Ag = unchecked((ulong)-5L);
    public const ulong InodeBtree = unchecked((ulong)-6L);
    public const ulong Inodes = unchecked((ulong)-7L);
    public const ulong Refcount = unchecked((ulong)-8L);
    public const ulong Cow = unchecked((ulong)-9L);
}
