// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Holdfast.Bench.Kernel;

/// <summary>An inode as the kernel lists it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Blocks">Filesystem blocks.</param>
internal readonly record struct ListedInode(ulong Number, uint Generation, long Size, long Blocks, ushort Mode)
{
    public bool IsDirectory => (Mode & 0xF000) == 0x4000;

    public bool IsRegular => (Mode & 0xF000) == 0x8000;
}

/// <summary>Bytes of a file and where they lie on the device.</summary>
internal readonly record struct Mapping(long FileOffset, long Physical, long Length, bool Unwritten);

/// <summary>
/// What the kernel says of a mounted XFS: the second opinion that the bench takes its questions from. Layouts:
/// xfs_fs.h.
/// </summary>
internal sealed class MountedXfs : IDisposable
{
    private const int Geometry = unchecked((int)0x8100587E); // XFS_IOC_FSGEOMETRY
    private const int BulkStat = unchecked((int)0x8040587F); // XFS_IOC_BULKSTAT
    private const int InodeNumbers = unchecked((int)0x80405880); // XFS_IOC_INUMBERS
    private const int BlockMap = unchecked((int)0xC0205838); // XFS_IOC_GETBMAPX
    private const int FdToHandle = unchecked((int)0xC038586A); // XFS_IOC_FD_TO_HANDLE
    private const int OpenByHandle = unchecked((int)0xC038586B); // XFS_IOC_OPEN_BY_HANDLE
    private const int RequestSize = 64;
    private const int StatSize = 192;
    private const int NumbersSize = 24;
    private const int MappingSize = 48;
    private const int HandleSize = 24;
    private const int SectorSize = 512;
    private const int Batch = 4096;

    private readonly int _root;
    private readonly byte[] _handle = new byte[HandleSize];
    private readonly int _agBlockLog;
    private readonly int _inodesPerBlockLog;
    private readonly long _agBlocks;

    public MountedXfs(string mount)
    {
        _root = Calls.Open(mount, Calls.O_RDONLY | Calls.O_DIRECTORY);
        byte[] geometry = new byte[256];
        Calls.Check(Calls.Control(_root, unchecked((uint)Geometry), ref geometry[0]), "FSGEOMETRY");
        BlockSize = BitConverter.ToInt32(geometry, 0);
        _agBlocks = BitConverter.ToUInt32(geometry, 8);
        InodeSize = BitConverter.ToInt32(geometry, 24);
        _agBlockLog = BitOperations.Log2((uint)_agBlocks - 1) + 1;
        _inodesPerBlockLog = BitOperations.Log2((uint)(BlockSize / InodeSize));
        HandleRequest(FdToHandle, _root, []);
    }

    public int BlockSize { get; }

    public int InodeSize { get; }

    /// <summary>Inodes of a chunk, always 64.</summary>
    public const int InodesPerChunk = 64;

    public void Dispose() => _ = Calls.Close(_root);

    /// <summary>Byte offset of an inode on the device.</summary>
    public long ByteOf(ulong inode)
    {
        ulong block = inode >> _inodesPerBlockLog;
        long linear = ((long)(block >> _agBlockLog) * _agBlocks) + (long)(block & ((1ul << _agBlockLog) - 1));
        return (linear * BlockSize) + ((long)(inode & ((1ul << _inodesPerBlockLog) - 1)) * InodeSize);
    }

    /// <summary>Every inode in use, in order.</summary>
    public IEnumerable<ListedInode> Inodes() => Listed(
        BulkStat, StatSize, r => new ListedInode(
            BitConverter.ToUInt64(r), BitConverter.ToUInt32(r[64..]), BitConverter.ToInt64(r[8..]),
            BitConverter.ToInt64(r[16..]), BitConverter.ToUInt16(r[132..])));

    /// <summary>The first inode of every chunk, in order.</summary>
    public IEnumerable<ulong> Chunks() => Listed(InodeNumbers, NumbersSize, BitConverter.ToUInt64);

    /// <summary>Where an inode's content lies, holes left out.</summary>
    public List<Mapping> MappingsOf(ListedInode inode)
    {
        BitConverter.TryWriteBytes(_handle.AsSpan(12), inode.Generation);
        BitConverter.TryWriteBytes(_handle.AsSpan(16), inode.Number);
        int fd = HandleRequest(OpenByHandle, 0, _handle);
        var found = new List<Mapping>();
        byte[] buffer = new byte[(Batch + 1) * MappingSize];
        BitConverter.TryWriteBytes(buffer.AsSpan(16), -1L); // to the end of the file
        BitConverter.TryWriteBytes(buffer.AsSpan(24), Batch + 1);
        BitConverter.TryWriteBytes(buffer.AsSpan(32), 0x14); // BMV_IF_NO_HOLES | BMV_IF_PREALLOC
        Calls.Check(Calls.Control(fd, unchecked((uint)BlockMap), ref buffer[0]), "GETBMAPX");
        int count = BitConverter.ToInt32(buffer, 28);
        for (int i = 1; i <= count; i++)
        {
            ReadOnlySpan<byte> row = buffer.AsSpan(i * MappingSize, MappingSize);
            long block = BitConverter.ToInt64(row[8..]);
            bool unwritten = (BitConverter.ToInt32(row[36..]) & 1) != 0;
            if (block < 0) continue;
            long length = BitConverter.ToInt64(row[16..]);
            found.Add(new(BitConverter.ToInt64(row) * SectorSize, block * SectorSize, length * SectorSize, unwritten));
        }

        _ = Calls.Close(fd);
        return found;
    }

    private delegate T Decode<T>(ReadOnlySpan<byte> record);

    /// <summary>The two listings that begin with the same request and say in it where to go on.</summary>
    private IEnumerable<T> Listed<T>(int request, int size, Decode<T> decode)
    {
        byte[] buffer = new byte[RequestSize + (Batch * size)];
        BitConverter.TryWriteBytes(buffer.AsSpan(12), Batch);
        while (true)
        {
            Calls.Check(Calls.Control(_root, unchecked((uint)request), ref buffer[0]), "bulk request");
            int count = BitConverter.ToInt32(buffer, 16);
            if (count == 0) yield break;
            for (int i = 0; i < count; i++) yield return decode(buffer.AsSpan(RequestSize + (i * size), size));
        }
    }

    /// <summary>FD_TO_HANDLE fills the handle from a file; OPEN_BY_HANDLE opens a file from it.</summary>
    private unsafe int HandleRequest(int request, int fd, ReadOnlySpan<byte> handle)
    {
        uint length = HandleSize;
        byte* argument = stackalloc byte[56];
        new Span<byte>(argument, 56).Clear();
        fixed (byte* inward = handle)
        fixed (byte* outward = _handle)
        {
            *(int*)argument = fd;
            *(int*)(argument + 16) = Calls.O_RDONLY;
            *(byte**)(argument + 24) = inward;
            *(uint*)(argument + 32) = (uint)handle.Length;
            *(byte**)(argument + 40) = outward;
            *(uint**)(argument + 48) = &length;
            return Calls.Check(Calls.Control(_root, unchecked((uint)request), ref *argument), "handle request");
        }
    }
}
