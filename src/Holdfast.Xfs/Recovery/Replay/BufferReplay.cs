// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>Replays logged buffers: which of them, and what of them, as a mount does.</summary>
internal sealed class BufferReplay(
    RecoveryBuffers buffers, CancelTable cancels, RecoveryCounts counts, IRecoveryObserver? observer)
{
    private readonly byte[] _buffer = new byte[65536];
    private readonly bool[] _logged = new bool[65536 / BufferItem.ChunkSize];

    /// <param name="quotasOn">Quotas of which records are replayed (L17).</param>
    public BlockFault Replay(
        in BufferItem item, LogSequenceNumber lsn, Geometry geometry, DquotType quotasOn)
    {
        bool isCancelled = item.IsCancel
            ? cancels.Remove(item.Block, item.Sectors)
            : cancels.Contains(item.Block, item.Sectors);
        if (isCancelled)
        {
            counts.BuffersCancelled++;
            observer?.Buffer(BufferVerdict.Cancelled, in item);
            return BlockFault.None;
        }

        observer?.Buffer(BufferVerdict.Recovered, in item);
        if (item.Offset >= geometry.DataLength)
        {
            return BlockFault.OutOfBounds("blf_blkno", item.Block, (ulong)geometry.DataLength / DiskAddress.Size - 1);
        }

        bool isWhole = buffers.Fetch(item.Offset, item.Length, StructureOf(item.Type));
        if (IsNewer(in item, lsn, geometry, isWhole, out BlockFault stale))
        {
            counts.BuffersSkipped++;
            observer?.Buffer(BufferVerdict.Skipped, in item);
            return stale;
        }

        counts.BuffersRecovered++;
        if (item.IsInodeBuffer)
        {
            observer?.Buffer(BufferVerdict.InodeBuffer, in item);
            return ReplayLinks(in item, geometry);
        }

        observer?.Buffer(item.IsDquotBuffer ? BufferVerdict.DquotBuffer : BufferVerdict.RegularBuffer, in item);
        if (item.IsDquotBuffer && (item.DquotType & quotasOn) != item.DquotType) return BlockFault.None;
        BlockFault fault = isWhole ? ReplayRuns(in item) : ReplaySectors(in item);
        buffers.Touch(item.Offset, item.Length, item.Type);
        return fault;
    }

    /// <summary>The words for what a buffer of this kind holds.</summary>
    public static string StructureOf(BufferType type) => type switch
    {
        BufferType.Btree => "btree block",
        BufferType.AgFreeHeader => "AGF",
        BufferType.AgFreeList => "AGFL",
        BufferType.AgInodeHeader => "AGI",
        BufferType.Inodes => "inode buffer",
        BufferType.Symlink => "symlink block",
        BufferType.DirectoryBlock or BufferType.DirectoryData or BufferType.DirectoryFree or BufferType.DirectoryLeaf1
            or BufferType.DirectoryLeafN => "directory block",
        BufferType.DaNode => "directory or attribute node",
        BufferType.AttributeLeaf or BufferType.AttributeRemote => "attribute block",
        BufferType.Superblock => "superblock",
        BufferType.UserDquot or BufferType.GroupDquot or BufferType.ProjectDquot => "quota block",
        BufferType.RealtimeBitmap => "realtime bitmap block",
        BufferType.RealtimeSummary => "realtime summary block",
        _ => "metadata buffer",
    };

    /// <summary>Is what lies there at least as new as the item? (L10, L12, L13)</summary>
    /// <param name="fault">It is, and it is damaged: a mount fails.</param>
    private bool IsNewer(
        in BufferItem item, LogSequenceNumber lsn, Geometry geometry, bool isWhole, out BlockFault fault)
    {
        fault = BlockFault.None;
        if (!geometry.Features.IsV5) return false;
        // Without groups these have no header: what looks like one is bits of a bitmap.
        bool isRealtime = item.Type is BufferType.RealtimeBitmap or BufferType.RealtimeSummary;
        if (isRealtime && !geometry.Features.MetadataDirectory) return false;
        Span<byte> prefix = _buffer.AsSpan(0, BufferStamp.PrefixSize);
        if (!buffers.TryRead(item.Offset, prefix)) return false;
        BufferStamp stamp = BufferStamp.Find(prefix);
        if (stamp.LsnAt < 0 || IsOfAnother(stamp, prefix, geometry)) return false;
        ulong found = ((ReadOnlySpan<byte>)prefix).U64(stamp.LsnAt);
        if (found is 0 or ulong.MaxValue || found < lsn.Value) return false;
        if (!isWhole || buffers.IsChanged(item.Offset) || !BufferStamp.Agrees(item.Type, prefix)) return true;
        Span<byte> whole = _buffer.AsSpan(0, item.Length);
        _ = buffers.TryRead(item.Offset, whole);
        if (!Crc32c.Verify(whole, stamp.CrcAt))
        {
            fault = BlockFault.WrongHex(
                "crc", Crc32c.Compute(whole, stamp.CrcAt), Crc32c.Stored(whole, stamp.CrcAt));
        }

        return true;
    }

    /// <summary>A block of another filesystem that lay here before has numbers that mean nothing.</summary>
    private static bool IsOfAnother(BufferStamp stamp, ReadOnlySpan<byte> prefix, Geometry geometry)
    {
        int uuidAt = stamp.UuidAt >= 0 ? stamp.UuidAt
            : geometry.Features.MetaUuid ? Superblock.At.MetadataUuidAt : Superblock.At.UuidAt;
        return prefix.Uuid(uuidAt) != geometry.MetadataUuid;
    }

    private BlockFault ReplayRuns(in BufferItem item) =>
        item.ForEachRun((buffers, item.Offset), static (to, at, bytes) => to.buffers.Patch(to.Offset + at, bytes.Span));

    /// <summary>Some of the buffer cannot be had: what is logged of it whole sectors long is as good as read.</summary>
    private BlockFault ReplaySectors(in BufferItem item)
    {
        _logged.AsSpan().Clear();
        BlockFault fault = item.ForEachRun((_buffer, _logged), static (to, at, bytes) =>
        {
            bytes.Span.CopyTo(to._buffer.AsSpan(at));
            to._logged.AsSpan(at / BufferItem.ChunkSize, bytes.Length / BufferItem.ChunkSize).Fill(true);
        });
        const int ChunksPerSector = OverlayBlockSource.SectorBytes / BufferItem.ChunkSize;
        for (int at = 0; at < item.Length; at += OverlayBlockSource.SectorBytes)
        {
            Span<bool> chunks = _logged.AsSpan(at / BufferItem.ChunkSize, ChunksPerSector);
            ReadOnlySpan<byte> sector = _buffer.AsSpan(at, OverlayBlockSource.SectorBytes);
            if (!chunks.Contains(false))
            {
                buffers.Write(item.Offset + at, sector);
                continue;
            }

            if (!buffers.Covers(item.Offset + at, OverlayBlockSource.SectorBytes)) continue;
            for (int chunk = 0; chunk < ChunksPerSector; chunk++)
            {
                if (!chunks[chunk]) continue;
                int within = chunk * BufferItem.ChunkSize;
                buffers.Patch(item.Offset + at + within, sector.Slice(within, BufferItem.ChunkSize));
            }
        }

        return fault;
    }

    /// <summary>The links of unlinked inodes: all else in the buffer comes from inode items.</summary>
    private BlockFault ReplayLinks(in BufferItem item, Geometry geometry)
    {
        _logged.AsSpan().Clear();
        BlockFault fault = item.ForEachRun((_buffer, _logged), static (to, at, bytes) =>
        {
            bytes.Span.CopyTo(to._buffer.AsSpan(at));
            to._logged.AsSpan(at / BufferItem.ChunkSize, bytes.Length / BufferItem.ChunkSize).Fill(true);
        });
        byte[] inode = new byte[geometry.InodeSize];
        for (int at = 0; at + geometry.InodeSize <= item.Length; at += geometry.InodeSize)
        {
            int linkAt = at + Inode.NextUnlinkedAt;
            if (!_logged[linkAt / BufferItem.ChunkSize]) continue;
            ReadOnlySpan<byte> link = _buffer.AsSpan(linkAt, sizeof(uint));
            if (BinaryPrimitives.ReadUInt32BigEndian(link) == 0)
            {
                return BlockFault.Wrong("di_next_unlinked", "not 0", "0");
            }

            if (!buffers.Covers(item.Offset + at, inode.Length)) continue;
            if (!buffers.TryRead(item.Offset + at, inode)) continue;
            link.CopyTo(inode.AsSpan(Inode.NextUnlinkedAt));
            if (inode[Inode.VersionAt] >= 3) Crc32c.Write(inode, Inode.CrcAt);
            buffers.Patch(item.Offset + at, inode);
        }

        return fault;
    }
}
