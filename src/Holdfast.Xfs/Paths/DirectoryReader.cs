// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

/// <summary>
/// Reads the entries of directories of every form. One worker's: it keeps its buffer. The hash index is not needed
/// and not read, so that damage there costs no names.
/// </summary>
internal sealed class DirectoryReader(XfsVolume volume) : IDisposable
{
    /// <summary>Bytes that one read takes where directory blocks lie side by side.</summary>
    private const int ReadSizeMax = 1 << 18;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(ReadSizeMax,
        volume.Geometry.DirectoryBlockSize));

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <returns>False where a block could not be believed; the fault is reported, the other blocks are read.</returns>
    public bool Read<TVisitor>(in Inode inode, ref TVisitor visitor)
        where TVisitor : IDirectoryVisitor
    {
        if (inode.DataFormat != ForkFormat.Local) return ReadBlocks(in inode, ref visitor);
        BlockFault fault = DirectoryShortForm.TryOpen(
            inode.DataFork[..(int)inode.Size], volume.Features.FileTypes, out DirectoryShortForm directory);
        if (!fault.IsNone)
        {
            volume.Faults.Add(
                fault, DeviceRole.Data, volume.Geometry.ByteOf(inode.Number), volume.Geometry.InodeSize,
                $"short-form directory, inode {inode.Number}");
            return false;
        }

        foreach (DirectoryEntry entry in directory) visitor.Entry(in entry);
        return true;
    }

    /// <summary>
    /// The directory will be read soon. A block map that is a btree is not looked at for it.
    /// </summary>
    /// <returns>False: more such hints are not worth the work.</returns>
    public bool Prefetch(in Inode inode)
    {
        if (inode.DataFormat != ForkFormat.Extents) return true;
        Geometry geometry = volume.Geometry;
        ulong leafStart = DirectorySpaces.LeafBlock(geometry.BlockLog).Value;
        foreach (ExtentRecord extent in ExtentList.Read(volume, in inode, ForkKind.Data, 0, leafStart).Extents)
        {
            long length = Math.Min((long)extent.Length << geometry.BlockLog, ReadSizeMax);
            if (!volume.Data.Prefetch(geometry.ByteOf(extent.Start), length)) return false;
        }

        return true;
    }

    private bool ReadBlocks<TVisitor>(in Inode inode, ref TVisitor visitor)
        where TVisitor : IDirectoryVisitor
    {
        Geometry geometry = volume.Geometry;
        ulong leafStart = DirectorySpaces.LeafBlock(geometry.BlockLog).Value;
        ExtentList map = ExtentList.Read(volume, in inode, ForkKind.Data, 0, ForkWalk.OffsetEnd);
        bool good = !map.IsLost;
        uint perBlock = (uint)geometry.DirectoryBlockFsBlocks;
        // By the block map, not by the size: a directory of one data block can have its hash index in leaf blocks.
        bool isSingle = map.Extents.Count > 0 && map.Extents[^1].OffsetEnd == perBlock;
        ulong next = 0; // the first file block not yet read: a directory block may be spread over extents
        foreach (ExtentRecord extent in map.Extents)
        {
            if (extent.Offset.Value >= leafStart) break;
            ulong at = Math.Max(next, extent.Offset.Value / perBlock * perBlock);
            for (; at < Math.Min(extent.OffsetEnd, leafStart); at = next)
            {
                // Whole directory blocks within this extent are read together.
                ulong blocks = at >= extent.Offset.Value ? (extent.OffsetEnd - at) / perBlock : 0;
                blocks = Math.Min(blocks, (ulong)(_buffer.Length / geometry.DirectoryBlockSize));
                good &= blocks > 1 || (blocks == 1 && perBlock == 1)
                    ? ReadRun(in inode, map, at, (int)blocks, isSingle, ref visitor)
                    : ReadOne(in inode, map, at, isSingle, ref visitor);
                next = at + Math.Max(1, blocks) * perBlock;
            }
        }

        return good;
    }

    private bool ReadRun<TVisitor>(
        in Inode inode, ExtentList map, ulong first, int blocks, bool isSingle, ref TVisitor visitor)
        where TVisitor : IDirectoryVisitor
    {
        Geometry geometry = volume.Geometry;
        int size = geometry.DirectoryBlockSize;
        FsBlock start = map.BlockOf(first)!.Value;
        Span<byte> bytes = _buffer.AsSpan(0, blocks * size);
        ReadFault read = volume.Data.Read(geometry.ByteOf(start), bytes);
        bool good = true;
        for (int i = 0; i < blocks; i++)
        {
            ulong at = first + (ulong)(i * geometry.DirectoryBlockFsBlocks);
            // The buffer is not believed after a fault: each block is asked for again.
            good &= read.IsNone
                ? Take(in inode, at, start.Value + (at - first), bytes.Slice(i * size, size), isSingle, ref visitor)
                : ReadOne(in inode, map, at, isSingle, ref visitor);
        }

        return good;
    }

    private bool ReadOne<TVisitor>(in Inode inode, ExtentList map, ulong at, bool isSingle, ref TVisitor visitor)
        where TVisitor : IDirectoryVisitor
    {
        Geometry geometry = volume.Geometry;
        Span<byte> block = _buffer.AsSpan(0, geometry.DirectoryBlockSize);
        FsBlock? first = null;
        for (int i = 0; i < geometry.DirectoryBlockFsBlocks; i++)
        {
            if (map.BlockOf(at + (ulong)i) is not { } piece)
            {
                return Fail(in inode, at, first,
                    BlockFault.Bad("br_startoff", $"file block {at + (ulong)i} has no mapping"));
            }

            first ??= piece;
            ReadFault read = volume.Data.Read(geometry.ByteOf(piece),
                block.Slice(i << geometry.BlockLog, geometry.BlockSize));
            if (!read.IsNone) return Fail(in inode, at, piece, BlockFault.Unreadable(read));
        }

        return Take(in inode, at, first!.Value.Value, block, isSingle, ref visitor);
    }

    private bool Take<TVisitor>(
        in Inode inode, ulong at, ulong firstBlock, Span<byte> block, bool isSingle, ref TVisitor visitor)
        where TVisitor : IDirectoryVisitor
    {
        Geometry geometry = volume.Geometry;
        var first = new FsBlock(firstBlock);
        BlockIdentity identity = geometry.IdentityOf(geometry.AgOf(first), geometry.AgBlockOf(first),
            inode.Number.Value);
        BlockFault fault = DirectoryDataBlock.TryOpen(block, in identity, volume.Features.FileTypes,
            out DirectoryDataBlock data);
        if (fault.IsNone && data.IsSingleBlock != isSingle)
        {
            fault = BlockFault.Wrong("magic", isSingle
                ? "a single-block directory"
                : "a directory of several blocks", "the other");
        }

        if (!fault.IsNone) return Fail(in inode, at, first, fault);
        foreach (DirectoryEntry entry in data)
        {
            if (!entry.IsDot && !entry.IsDotDot) visitor.Entry(in entry);
        }

        return true;
    }

    private bool Fail(in Inode inode, ulong at, FsBlock? block, BlockFault fault)
    {
        Geometry geometry = volume.Geometry;
        long offset = block is { } b ? geometry.ByteOf(b) : geometry.ByteOf(inode.Number);
        volume.Faults.Add(
            fault, DeviceRole.Data, offset, geometry.DirectoryBlockSize,
            $"directory block at offset {(long)at << geometry.BlockLog} of inode {inode.Number}");
        return false;
    }
}
