// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// 64 inodes of a group: which are there (sparse chunks have holes) and which are free. Record of inobt and finobt.
/// Source of the format: xfs_format.h (struct xfs_inobt_rec).
/// </summary>
/// <param name="Start">First inode, relative to the group.</param>
/// <param name="HoleMask">Bit i: the four inodes from 4i on are not there.</param>
/// <param name="FreeCount">How many are free.</param>
/// <param name="FreeMask">Bit i: inode i is free (or not there).</param>
public readonly record struct InodeChunkRecord(uint Start, ushort HoleMask, uint FreeCount, ulong FreeMask)
{
    public const int Size = StartSize + sizeof(uint) + sizeof(ulong);

    /// <summary>Inodes that one bit of the hole mask stands for.</summary>
    public const int InodesPerHoleBit = 4;

    private const int StartSize = sizeof(uint);
    private const int CountAt = StartSize + sizeof(ushort); // sparse: hole mask, inode count, free count
    private const int FreeMaskAt = StartSize + sizeof(uint);

    /// <summary>Inodes that are there, one bit each.</summary>
    public ulong PresentMask
    {
        get
        {
            ulong present = 0;
            for (int bit = 0; bit < 16; bit++)
            {
                if ((HoleMask >> bit & 1) == 0) present |= 0xFul << (bit * InodesPerHoleBit);
            }

            return present;
        }
    }

    /// <summary>Inodes that are there and in use, one bit each.</summary>
    public ulong AllocatedMask => PresentMask & ~FreeMask;

    public int PresentCount => BitOperations.PopCount(PresentMask);

    /// <summary>As the record lies on disk.</summary>
    /// <param name="sparse">The layout of filesystems with sparse inodes.</param>
    internal void Write(Span<byte> bytes, bool sparse)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Start);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[FreeMaskAt..], FreeMask);
        if (!sparse)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[StartSize..], FreeCount);
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes[StartSize..], HoleMask);
        bytes[CountAt] = (byte)PresentCount;
        bytes[CountAt + 1] = (byte)FreeCount;
    }

    public static InodeChunkRecord Read(ReadOnlySpan<byte> bytes, bool sparse) => new(
        bytes.U32(0),
        sparse ? bytes.U16(StartSize) : (ushort)0,
        sparse ? bytes[CountAt + 1] : bytes.U32(StartSize),
        bytes.U64(FreeMaskAt));
}
