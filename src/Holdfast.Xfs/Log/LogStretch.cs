// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Holdfast.Xfs.Log;

/// <summary>
/// A run of log blocks as a mount reads it: whole sectors, from the one that holds the first block, as many as the
/// length of the run fills. Where the run starts inside a sector its last blocks are therefore not read, and the mount
/// looks at what the buffer held before, at first zeros. With sectors of 4 KiB and a write torn within one of them that
/// decides where the head is, so it is followed here.
/// </summary>
internal sealed class LogStretch
{
    private readonly LogBlocks _log;
    private readonly byte[] _buffer;
    private int _offset;

    /// <param name="blocks">Most blocks in a run.</param>
    internal LogStretch(LogBlocks log, long blocks)
    {
        _log = log;
        _buffer = new byte[(RoundUp(blocks) + log.SectorBlocks) * LogPlace.BlockSize];
    }

    /// <summary>
    /// Blocks that a mount reads at a time where it looks through <paramref name="blocks"/> of them: as Linux does now.
    /// Older ones took twice the lowest bit of the number, and looked at unread buffer more often.
    /// </summary>
    internal static long PieceOf(long blocks, LogBlocks log)
    {
        long piece = (long)BitOperations.RoundUpToPowerOf2((ulong)blocks);
        while (piece > log.Count) piece /= 2;
        return Math.Min(piece, blocks);
    }

    internal LogFault Read(long block, long count)
    {
        long first = block / _log.SectorBlocks * _log.SectorBlocks;
        _offset = (int)(block - first);
        long end = first + RoundUp(count);
        for (long at = first; at < end;)
        {
            long piece = Math.Min(end - at, LogBlocks.ForwardMax);
            LogFault fault = _log.Forward(at, piece, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            bytes.CopyTo(_buffer.AsSpan((int)(at - first) * LogPlace.BlockSize));
            at += piece;
        }

        return LogFault.None;
    }

    /// <summary>Block <paramref name="index"/> of the run that was read last.</summary>
    internal ReadOnlySpan<byte> this[long index] =>
        _buffer.AsSpan((int)(_offset + index) * LogPlace.BlockSize, LogPlace.BlockSize);

    private long RoundUp(long blocks) => (blocks + _log.SectorBlocks - 1) / _log.SectorBlocks * _log.SectorBlocks;
}
