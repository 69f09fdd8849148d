// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>Initialises the inodes of a new chunk, unless a cluster of it was freed again (L15).</summary>
internal sealed class InodeCreateReplay(
    RecoveryBuffers buffers, CancelTable cancels, RecoveryCounts counts, IRecoveryObserver? observer)
{
    /// <summary>Bytes of an inode cluster of 256-byte inodes; larger inodes have larger clusters.</summary>
    private const int ClusterSizeMin = 8192;

    private const int InodeSizeMin = 256;
    private const uint NullAgInode = uint.MaxValue;

    public void Replay(in InodeCreateItem item, Geometry geometry)
    {
        int clusterBlocks = Math.Max(1, ClusterSize(geometry) >> geometry.BlockLog);
        uint sectors = (uint)(clusterBlocks * geometry.BlockSize / DiskAddress.Size);
        for (uint at = 0; at + clusterBlocks <= item.Length; at += (uint)clusterBlocks)
        {
            ulong address = geometry.DiskAddressOf(item.Group, new(item.Block.Value + at)).Value;
            if (!cancels.Contains(address, sectors)) continue;
            observer?.InodeCreate(InodeVerdict.Cancelled, in item);
            counts.InodesCancelled++;
            return;
        }

        observer?.InodeCreate(InodeVerdict.Recovered, in item);
        counts.InodeChunksCreated++;
        byte[] block = new byte[geometry.BlockSize];
        for (uint at = 0; at < item.Length; at++)
        {
            AgBlock place = new(item.Block.Value + at);
            Fill(block, item.Group, place, item.Generation, geometry);
            buffers.Write(geometry.ByteOf(item.Group, place), block);
        }
    }

    /// <summary>Bytes of the buffers in which the kernel handles inodes.</summary>
    internal static int ClusterSize(Geometry geometry)
    {
        int size = ClusterSizeMin;
        if (!geometry.Features.IsV5) return size;
        int scaled = ClusterSizeMin * (geometry.InodeSize / InodeSizeMin);
        return geometry.InodeAlignment >= (uint)(scaled >> geometry.BlockLog) ? scaled : size;
    }

    private static void Fill(Span<byte> block, uint group, AgBlock place, uint generation, Geometry geometry)
    {
        block.Clear();
        uint agInode = place.Value << geometry.InodesPerBlockLog;
        for (int slot = 0; slot < geometry.InodesPerBlock; slot++, agInode++)
        {
            Span<byte> inode = block.Slice(slot * geometry.InodeSize, geometry.InodeSize);
            BinaryPrimitives.WriteUInt16BigEndian(inode[Inode.MagicAt..], Magic.Inode);
            inode[Inode.VersionAt] = (byte)(geometry.Features.IsV5 ? 3 : 2);
            BinaryPrimitives.WriteUInt32BigEndian(inode[Inode.GenerationAt..], generation);
            BinaryPrimitives.WriteUInt32BigEndian(inode[Inode.NextUnlinkedAt..], NullAgInode);
            if (!geometry.Features.IsV5) continue;
            BinaryPrimitives.WriteUInt64BigEndian(inode[Inode.NumberAt..], geometry.InodeOf(group, agInode).Value);
            geometry.MetadataUuid.TryWriteBytes(inode[Inode.UuidAt..], bigEndian: true, out _);
            Crc32c.Write(inode, Inode.CrcAt);
        }
    }
}
