// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// The shape of a mounted XFS: XFS_IOC_FSGEOMETRY of xfs/xfs_fs.h, struct xfs_fsop_geom, 256 bytes. What a kernel does
/// not know yet reads as zero.
/// </summary>
public sealed record MountedGeometry
{
    private const nuint XFS_IOC_FSGEOMETRY = 0x8100587E;
    private const int Size = 256;

    // Numbers of the XFS_FSOP_GEOM_FLAGS bits.
    private const int QuotaBit = 4;
    private const int FileTypeBit = 16;
    private const int SparseInodesBit = 18;
    private const int RmapbtBit = 19;
    private const int ReflinkBit = 20;
    private const int ParentBit = 25;
    private const int MetadirBit = 26;

    private readonly uint _flags;

    private MountedGeometry(ReadOnlySpan<byte> bytes)
    {
        BlockSize = (int)UInt32At(bytes, 0);
        GroupBlocks = UInt32At(bytes, 8);
        GroupCount = UInt32At(bytes, 12);
        LogBlocks = UInt32At(bytes, 16);
        SectorSize = (int)UInt32At(bytes, 20);
        InodeSize = (int)UInt32At(bytes, 24);
        DataBlocks = (long)MemoryMarshal.Read<ulong>(bytes[32..]);
        RealtimeBlocks = (long)MemoryMarshal.Read<ulong>(bytes[40..]);
        LogStart = (long)MemoryMarshal.Read<ulong>(bytes[56..]);
        Uuid = new(bytes.Slice(64, 16), bigEndian: true);
        _flags = UInt32At(bytes, 92);
        DirectoryBlockSize = (int)UInt32At(bytes, 104);
    }

    /// <summary>Bytes.</summary>
    public int BlockSize { get; }

    /// <summary>Bytes.</summary>
    public int SectorSize { get; }

    /// <summary>Bytes.</summary>
    public int InodeSize { get; }

    /// <summary>Bytes.</summary>
    public int DirectoryBlockSize { get; }

    /// <summary>Blocks of an allocation group; the last may have fewer.</summary>
    public long GroupBlocks { get; }

    public long GroupCount { get; }

    /// <summary>Blocks of the data device.</summary>
    public long DataBlocks { get; }

    /// <summary>Blocks of the realtime device; 0 where there is none.</summary>
    public long RealtimeBlocks { get; }

    /// <summary>Blocks.</summary>
    public long LogBlocks { get; }

    /// <summary>Block number of an internal log, group and block in it; 0 where the log is external.</summary>
    public long LogStart { get; }

    public Guid Uuid { get; }

    public bool HasQuota => Has(QuotaBit);

    /// <summary>Directory entries say what their inode is.</summary>
    public bool HasFileTypes => Has(FileTypeBit);

    /// <summary>A chunk of inodes may have holes.</summary>
    public bool HasSparseInodes => Has(SparseInodesBit);

    public bool HasRmapbt => Has(RmapbtBit);

    public bool HasReflink => Has(ReflinkBit);

    public bool HasParentPointers => Has(ParentBit);

    public bool HasMetadir => Has(MetadirBit);

    /// <summary>Bytes of the data device that are the filesystem's.</summary>
    public long DataLength => DataBlocks * BlockSize;

    /// <summary>
    /// An inode number is group, block in it, inode in that: so many bits are the inode's in its block.
    /// </summary>
    public int InodesPerBlockLog => BitOperations.Log2((uint)(BlockSize / InodeSize));

    /// <summary>So many bits of an inode number are its block's in the group.</summary>
    public int GroupBlockLog => 64 - BitOperations.LeadingZeroCount((ulong)GroupBlocks - 1);

    /// <summary>The internal log, in bytes of the data device; null where the log is external.</summary>
    public ByteRange? InternalLog => LogStart == 0 ? null
        : new((((LogStart >> GroupBlockLog) * GroupBlocks) + (LogStart & ((1L << GroupBlockLog) - 1))) * BlockSize,
            LogBlocks * BlockSize);

    /// <summary>Superblock, AGF, AGI and AGFL of a group, a sector each, in whole blocks.</summary>
    public ByteRange HeadersOf(long group)
    {
        const int headers = 4;
        long length = (((headers * SectorSize) + BlockSize - 1) / BlockSize) * BlockSize;
        return new(group * GroupBlocks * BlockSize, length);
    }

    /// <summary>Where an inode lies: byte of the data device.</summary>
    public long ByteOf(ulong inode)
    {
        long group = (long)(inode >> (InodesPerBlockLog + GroupBlockLog));
        long block = (long)(inode >> InodesPerBlockLog) & ((1L << GroupBlockLog) - 1);
        long index = (long)inode & ((1L << InodesPerBlockLog) - 1);
        return (((group * GroupBlocks) + block) * BlockSize) + (index * InodeSize);
    }

    /// <summary>The inode whose first byte lies there, or that the byte is part of.</summary>
    /// <param name="physical">Byte of the data device, in an inode chunk.</param>
    public ulong InodeAt(long physical)
    {
        long block = physical / BlockSize;
        ulong inGroup = (ulong)(block % GroupBlocks);
        ulong index = (ulong)(physical % BlockSize / InodeSize);
        return (((((ulong)(block / GroupBlocks) << GroupBlockLog) | inGroup) << InodesPerBlockLog) | index);
    }

    /// <exception cref="KernelRefusal">It is no XFS.</exception>
    internal static unsafe MountedGeometry Read(SafeFileHandle root, string name)
    {
        Span<byte> bytes = stackalloc byte[Size];
        fixed (byte* start = bytes)
        {
            if (Native.Ioctl(root, XFS_IOC_FSGEOMETRY, start) != 0)
            {
                throw KernelRefusal.Last(name, "XFS_IOC_FSGEOMETRY");
            }
        }

        return new(bytes);
    }

    private bool Has(int bit) => (_flags >> bit & 1) != 0;

    private static uint UInt32At(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<uint>(bytes[at..]);
}
