// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>
/// Gives an inode's number back: in the record of its chunk in the inobt, and in the finobt, which lists only chunks
/// with free inodes. A chunk that is wholly free goes, and its blocks with it.
/// </summary>
internal sealed class InodeFreeing
{
    private readonly FinishContext _context;
    private readonly BtreeEditor _inobt;
    private readonly BtreeEditor _finobt;

    public InodeFreeing(FinishContext context)
    {
        _context = context;
        _inobt = new(context.Editor, BtreeFormat.Inobt);
        _finobt = new(context.Editor, BtreeFormat.Finobt);
    }

    private bool IsSparse => _context.Features.SparseInodes;

    /// <summary>Chunks go when they are empty, unless a block holds several.</summary>
    private bool MayDropChunks => _context.Geometry.InodesPerBlock <= Geometry.InodesPerChunk;

    /// <param name="header">Of the inode's group.</param>
    /// <param name="agInode">The inode, relative to the group.</param>
    /// <exception cref="RecoveryFailure">The btrees do not have the inode as one in use.</exception>
    public void Free(InodeHeader header, uint agInode)
    {
        InodeChunkRecord chunk = FreeInInobt(header, agInode, out bool isGone);
        if (isGone) DropChunk(header, chunk);
        if (_context.Features.FreeInodeBtree) FreeInFinobt(header, chunk, agInode);
    }

    private InodeChunkRecord FreeInInobt(InodeHeader header, uint agInode, out bool isGone)
    {
        _inobt.Open(new InodeTreePlace(_context, header, isFree: false));
        Span<byte> key = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(key, agInode);
        if (!_inobt.Lookup(key, BtreeSeek.LessOrEqual)) Fail(header, agInode, "no chunk has the inode");
        InodeChunkRecord chunk = InodeChunkRecord.Read(_inobt.Record, IsSparse);
        uint slot = agInode - chunk.Start;
        if (slot >= Geometry.InodesPerChunk || (chunk.AllocatedMask >> (int)slot & 1) == 0)
        {
            Fail(header, agInode, "the inode is free already");
        }

        chunk = chunk with { FreeMask = chunk.FreeMask | 1ul << (int)slot, FreeCount = chunk.FreeCount + 1 };
        isGone = MayDropChunks && chunk.FreeMask == ulong.MaxValue;
        if (isGone)
        {
            header.Add(AgInodeHeader.CountAt, -(int)chunk.FreeCount);
            header.Add(AgInodeHeader.FreeCountAt, 1 - (int)chunk.FreeCount);
            _inobt.Delete();
        }
        else
        {
            Span<byte> record = stackalloc byte[InodeChunkRecord.Size];
            chunk.Write(record, IsSparse);
            _inobt.Update(record);
            header.Add(AgInodeHeader.FreeCountAt, 1);
        }

        return chunk;
    }

    private void FreeInFinobt(InodeHeader header, InodeChunkRecord chunk, uint agInode)
    {
        _finobt.Open(new InodeTreePlace(_context, header, isFree: true));
        Span<byte> key = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(key, chunk.Start);
        Span<byte> record = stackalloc byte[InodeChunkRecord.Size];
        chunk.Write(record, IsSparse);
        if (!_finobt.Lookup(key, BtreeSeek.Equal))
        {
            // The chunk had no free inode until now.
            if (chunk.FreeCount != 1) Fail(header, agInode, "the finobt has no record of its chunk");
            _finobt.Insert(record);
            return;
        }

        InodeChunkRecord known = InodeChunkRecord.Read(_finobt.Record, IsSparse);
        ulong bit = 1ul << (int)(agInode - chunk.Start);
        if ((known.FreeMask | bit) != chunk.FreeMask || known.FreeCount + 1 != chunk.FreeCount)
        {
            Fail(header, agInode, "finobt and inobt differ about its chunk");
        }

        if (MayDropChunks && chunk.FreeMask == ulong.MaxValue) _finobt.Delete();
        else _finobt.Update(record);
    }

    /// <summary>Frees the blocks of a chunk; of a sparse one only those that were there.</summary>
    private void DropChunk(InodeHeader header, InodeChunkRecord chunk)
    {
        Geometry geometry = _context.Geometry;
        ulong present = chunk.PresentMask;
        for (int slot = 0; slot < Geometry.InodesPerChunk;)
        {
            int skipped = BitOperations.TrailingZeroCount(present >> slot);
            if (present >> slot == 0) break;
            slot += skipped;
            int run = BitOperations.TrailingZeroCount(~(present >> slot));
            run = Math.Min(run, Geometry.InodesPerChunk - slot);
            AgBlock start = geometry.BlockOfAgInode(chunk.Start + (uint)slot);
            uint blocks = (uint)Math.Max(1, run >> geometry.InodesPerBlockLog);
            _context.Editor.Forget(geometry.ByteOf(header.Ag, start), (long)blocks << geometry.BlockLog);
            _context.Groups.DeferFree(geometry.FsBlockOf(header.Ag, start), blocks, ExtentOwner.Inodes);
            slot += run;
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(InodeHeader header, uint agInode, string why)
    {
        InodeNumber inode = _context.Geometry.InodeOf(header.Ag, agInode);
        RecoveryFailure.Throw(
            BlockFault.Bad("ir_free", why), _context.Geometry.ByteOf(inode), _context.Geometry.InodeSize,
            $"inode {inode}");
    }
}
