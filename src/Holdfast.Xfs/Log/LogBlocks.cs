// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>
/// The log as numbered 512-byte blocks, read through one window, so that a walk over small records costs few reads.
/// A span that it hands out is good until the next call. Borrows the source. For one thread.
/// </summary>
internal sealed class LogBlocks(IBlockSource source, LogPlace place)
{
    private const int WindowBlocksMax = 2048; // 1 MiB
    private const int SmallWindowBlocks = 8;
    private const int RetriesMax = 4;

    private readonly int _sectorBlocks = place.SectorSize / LogPlace.BlockSize;
    private byte[] _window = [];
    private long _first;
    private long _count;

    internal LogPlace Place => place;

    /// <summary>Log blocks in a sector of the log device.</summary>
    internal int SectorBlocks => _sectorBlocks;

    /// <summary>Log blocks in the log.</summary>
    internal long Count { get; } = place.Blocks;

    /// <summary>The block alone, with as little around it as may be: for jumps.</summary>
    internal LogFault Jump(long block, out ReadOnlySpan<byte> bytes) => Read(block, 1, SmallWindowBlocks, 0, out bytes);

    /// <summary>One block or more on the way towards the end of the log.</summary>
    internal LogFault Forward(long block, long count, out ReadOnlySpan<byte> bytes) =>
        Read(block, count, WindowBlocksMax, 0, out bytes);

    /// <summary>One block on the way towards the start of the log.</summary>
    internal LogFault Backward(long block, out ReadOnlySpan<byte> bytes) =>
        Read(block, 1, WindowBlocksMax, WindowBlocksMax - _sectorBlocks, out bytes);

    /// <summary>Most blocks that <see cref="Forward"/> gives at once.</summary>
    internal static int ForwardMax => WindowBlocksMax / 2;

    private LogFault Read(long block, long count, int around, int before, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (block < 0 || count < 1 || block + count > Count)
        {
            return LogFault.Corrupt(block, BlockFault.Bad("position", $"blocks {block}+{count} of a log of {Count}"));
        }

        if (block < _first || block + count > _first + _count)
        {
            LogFault fault = Load(block, count, around, before);
            if (!fault.IsNone) return fault;
        }

        bytes = Bytes(block, count);
        return LogFault.None;
    }

    private ReadOnlySpan<byte> Bytes(long block, long count) =>
        _window.AsSpan((int)(block - _first) * LogPlace.BlockSize, (int)count * LogPlace.BlockSize);

    /// <summary>
    /// Loads the window round the wanted sectors. Where something in it cannot be read it shrinks away from that, down
    /// to the wanted sectors, so that only what is needed can fail.
    /// </summary>
    private LogFault Load(long block, long count, int around, int before)
    {
        long wanted = block / _sectorBlocks * _sectorBlocks;
        long wantedEnd = Math.Min(RoundUp(block + count), Count);
        long first = Math.Max(0, (wanted - before) / _sectorBlocks * _sectorBlocks);
        long end = Math.Min(Count, Math.Max(wantedEnd, RoundUp(first + around)));
        _count = 0;
        for (int retry = 0; ; retry++)
        {
            ReadFault fault = Fill(first, end);
            if (fault.IsNone) return LogFault.None;
            long bad = Math.Clamp((fault.Offset - place.Offset) / LogPlace.BlockSize, first, end - 1);
            bad = bad / _sectorBlocks * _sectorBlocks;
            if (first == wanted && end == wantedEnd) return Unreadable(fault, bad);
            bool giveUp = retry == RetriesMax || (bad >= wanted && bad < wantedEnd);
            first = giveUp ? wanted : bad < wanted ? bad + _sectorBlocks : first;
            end = giveUp ? wantedEnd : bad >= wantedEnd ? bad : end;
        }
    }

    private ReadFault Fill(long first, long end)
    {
        int length = (int)(end - first) * LogPlace.BlockSize;
        if (_window.Length < length) _window = GC.AllocateUninitializedArray<byte>(length);
        ReadFault fault = source.Read(place.BytesOf(first, 0).Offset, _window.AsSpan(0, length));
        if (!fault.IsNone) return fault;
        (_first, _count) = (first, end - first);
        return fault;
    }

    private LogFault Unreadable(ReadFault fault, long block) =>
        new(LogFaultKind.Unreadable, block, _sectorBlocks, BlockFault.Unreadable(fault));

    private long RoundUp(long block) => (block + _sectorBlocks - 1) / _sectorBlocks * _sectorBlocks;
}
