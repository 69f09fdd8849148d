// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Numerics;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>Takes one allocated, verified inode. Called by several threads, each with its own state.</summary>
public delegate void InodeVisit<in TState>(in Inode inode, TState state);

/// <summary>
/// Reads every allocated inode once, in parallel, in large reads along the chunks. Damage costs the inodes it hits:
/// a read that fails is repeated inode by inode.
/// </summary>
public static class InodeScan
{
    /// <summary>Bytes of inodes that one read takes.</summary>
    private const int ReadSizeMax = 1 << 20;

    /// <summary>Batches that a disk is told of before they are read, so that it is never without work.</summary>
    private const int BatchesAhead = 32;

    /// <summary>Some chunks of one group, with neighbours on disk side by side.</summary>
    private readonly record struct Batch(uint Ag, List<InodeChunkRecord> Chunks, int First, int Count);

    /// <param name="newState">Makes the state of one worker; all states are returned.</param>
    /// <param name="complete">False where inodes, or whole chunks of them, could not be read; the faults are
    /// reported.</param>
    public static IReadOnlyCollection<TState> Run<TState>(
        XfsVolume volume, Func<TState> newState, InodeVisit<TState> visit, out bool complete,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        List<Batch> batches = PlanBatches(volume, out complete);
        int lost = 0;
        int done = 0;
        var crew = new Crew<Worker<TState>>(() => new Worker<TState>(volume, newState(), visit));
        crew.Run(
            batches.Count,
            (worker, piece) =>
            {
                if (piece + BatchesAhead < batches.Count) Prefetch(volume, batches[piece + BatchesAhead]);
                if (!worker.Run(batches[piece])) Interlocked.Increment(ref lost);
                progress?.Report((double)Interlocked.Increment(ref done) / batches.Count);
                return true;
            },
            cancellationToken);
        complete &= lost == 0;
        var states = new List<TState>(crew.Workers.Count);
        foreach (Worker<TState> worker in crew.Workers) states.Add(worker.Finish());
        return states;
    }

    private static List<Batch> PlanBatches(XfsVolume volume, out bool complete)
    {
        complete = true;
        var batches = new List<Batch>();
        int chunkSize = Geometry.InodesPerChunk * volume.Geometry.InodeSize;
        int chunksMax = Math.Max(1, ReadSizeMax / chunkSize);
        for (uint ag = 0; ag < volume.Geometry.AgCount; ag++)
        {
            List<InodeChunkRecord> chunks = InodeChunks.ReadAll(volume, volume.Group(ag), out bool whole);
            complete &= whole;
            for (int first = 0; first < chunks.Count;)
            {
                int count = 1;
                while (count < chunksMax && first + count < chunks.Count
                    && Adjoin(chunks[first + count - 1], chunks[first + count])) count++;
                batches.Add(new(ag, chunks, first, count));
                first += count;
            }
        }

        return batches;
    }

    private static void Prefetch(XfsVolume volume, Batch batch)
    {
        Geometry geometry = volume.Geometry;
        InodeChunkRecord first = batch.Chunks[batch.First];
        long length = (long)batch.Count * Geometry.InodesPerChunk * geometry.InodeSize;
        if (first.HoleMask == 0) volume.Data.Prefetch(geometry.ByteOf(geometry.InodeOf(batch.Ag, first.Start)), length);
    }

    private static bool Adjoin(InodeChunkRecord left, InodeChunkRecord right) =>
        left.HoleMask == 0 && right.HoleMask == 0 && right.Start - left.Start == Geometry.InodesPerChunk;

    private sealed class Worker<TState>(XfsVolume volume, TState state, InodeVisit<TState> visit)
    {
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(
            Math.Max(ReadSizeMax, Geometry.InodesPerChunk * volume.Geometry.InodeSize));

        public TState Finish()
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            return state;
        }

        public bool Run(Batch batch)
        {
            Geometry geometry = volume.Geometry;
            int inodeSize = geometry.InodeSize;
            InodeChunkRecord first = batch.Chunks[batch.First];
            Span<byte> bytes = _buffer.AsSpan(0, batch.Count * Geometry.InodesPerChunk * inodeSize);
            bool whole = first.HoleMask == 0
                && volume.Data.Read(geometry.ByteOf(geometry.InodeOf(batch.Ag, first.Start)), bytes).IsNone;
            bool good = true;
            for (int i = 0; i < batch.Count; i++)
            {
                InodeChunkRecord chunk = batch.Chunks[batch.First + i];
                for (ulong mask = chunk.AllocatedMask; mask != 0; mask &= mask - 1)
                {
                    int slot = BitOperations.TrailingZeroCount(mask);
                    InodeNumber number = geometry.InodeOf(batch.Ag, chunk.Start + (uint)slot);
                    int at = (i * Geometry.InodesPerChunk + slot) * inodeSize;
                    good &= Visit(number, bytes.Slice(at, inodeSize), whole);
                }
            }

            return good;
        }

        private bool Visit(InodeNumber number, Span<byte> bytes, bool isRead)
        {
            ReadFault read = isRead ? ReadFault.None : volume.Data.Read(volume.Geometry.ByteOf(number), bytes);
            Inode inode = default;
            BlockFault fault = read.IsNone
                ? Inode.TryOpen(bytes, number, volume.Features.IsV5, volume.Geometry.MetadataUuid, out inode)
                : BlockFault.Unreadable(read);
            if (fault.IsNone && inode.IsFree)
            {
                fault = BlockFault.Bad("di_mode", "0, but the inode btree says it is in use");
            }
            if (fault.IsNone)
            {
                visit(in inode, state);
                return true;
            }

            volume.Faults.Add(fault, DeviceRole.Data, volume.Geometry.ByteOf(number), bytes.Length, $"inode {number}");
            return false;
        }
    }
}
