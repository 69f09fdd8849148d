// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>
/// Finds where the next record would be written. The log is a ring: its blocks carry the cycle in which they were
/// written, so the head is where the cycle drops (or where it becomes zero, if the log was never filled). Several
/// buffers can be on their way at the crash, and they land in any order: holes of the cycle before can lie in front of
/// the drop, and the true head is the first of them. Last, the head must not cut a record in two.
/// </summary>
/// <param name="passOver">Whether blocks of all ones stand for blocks that could not be read.</param>
internal sealed class LogHeadSearch(LogBlocks log, bool passOver = false)
{
    private const uint Unread = uint.MaxValue;
    private const int PassedOverMax = 1 << 16;

    /// <summary>Blocks that can be in flight at one time; the depth to which holes are looked for.</summary>
    private readonly long _inFlightMax = BlocksOf(BufferSizeMax(log) * LogRecordHeader.BuffersInFlightMax);

    /// <summary>Blocks in the largest record, its headers taken for nothing, as the kernel takes them.</summary>
    private readonly long _recordMax = BlocksOf(BufferSizeMax(log));

    /// <param name="head">The head; equal to zero also where the last record ends with the log.</param>
    internal LogFault Find(out long head)
    {
        head = 0;
        LogFault fault = CycleAt(0, out uint first);
        if (!fault.IsNone || first == 0) return fault;
        fault = CycleAt(log.Count - 1, out uint last);
        if (!fault.IsNone) return fault;
        fault = last == 0 ? InUnfilled(out head) : InFilled(first, last, out head);
        if (head == log.Count) head = 0;
        return fault;
    }

    /// <summary>The log was never filled: the head is where zeros start.</summary>
    private LogFault InUnfilled(out long head)
    {
        LogFault fault = FirstOf(cycle: 0, out head);
        if (!fault.IsNone) return fault;
        long start = head - Math.Min(head, _inFlightMax);
        fault = FirstHole(start, head, cycle: 0, out long? hole);
        if (!fault.IsNone) return fault;
        head = hole ?? head;
        fault = BackToRecordEnd(start, ref head, already: 0, out bool found);
        return fault.IsNone && !found ? NoRecord(head) : fault;
    }

    private LogFault InFilled(uint first, uint last, out long head)
    {
        // All of one cycle: the head is the end of the log, unless there is a hole. Else it is where the cycle drops.
        uint stale = unchecked(first == last ? last - 1 : last);
        head = log.Count;
        LogFault fault = first == last ? LogFault.None : FirstOf(last, out head);
        if (!fault.IsNone) return fault;

        fault = BackToHole(stale, ref head);
        if (!fault.IsNone) return fault;

        long start = Math.Max(0, head - _recordMax);
        fault = BackToRecordEnd(start, ref head, already: 0, out bool found);
        if (!fault.IsNone || found) return fault;
        if (start > 0) return NoRecord(head);

        // The record began at the end of the log and went on at its start.
        long end = log.Count;
        fault = BackToRecordEnd(end - (_recordMax - head), ref end, already: head, out found);
        if (fault.IsNone && !found) fault = NoRecord(head);
        if (end != log.Count) head = end;
        return fault;
    }

    /// <summary>
    /// Moves the head to the first hole within what can be in flight before it. Round the start of the log the holes
    /// at the end are one cycle older still.
    /// </summary>
    private LogFault BackToHole(uint stale, ref long head)
    {
        long depth = Math.Min(log.Count, _inFlightMax);
        long? hole = null;
        LogFault fault = LogFault.None;
        if (head < depth)
        {
            fault = FirstHole(log.Count - (depth - head), log.Count, unchecked(stale - 1), out hole);
        }

        if (fault.IsNone && hole is null) fault = FirstHole(Math.Max(0, head - depth), head, stale, out hole);
        head = hole ?? head;
        return fault;
    }

    /// <summary>Binary search for the first block of a cycle that the last block has and the first has not.</summary>
    private LogFault FirstOf(uint cycle, out long block)
    {
        long below = 0;
        block = log.Count - 1;
        while (block - below > 1)
        {
            long middle = (below + block) / 2;
            LogFault fault = CycleAt(middle, out uint found);
            long beyond = Math.Min(block, middle + PassedOverMax);
            for (long at = middle + 1; passOver && fault.IsNone && found == Unread && at < beyond; at++)
            {
                fault = CycleAt(at, out found);
            }

            if (!fault.IsNone) return fault;
            if (found == cycle || (passOver && found == Unread)) block = middle;
            else below = middle;
        }

        return LogFault.None;
    }

    /// <summary>The first block of a cycle in <c>[start, end)</c>; null where there is none.</summary>
    private LogFault FirstHole(long start, long end, uint cycle, out long? hole)
    {
        hole = null;
        if (start >= end) return LogFault.None;
        long piece = LogStretch.PieceOf(end - start, log);
        var stretch = new LogStretch(log, piece);
        for (long at = start; at < end; at += piece)
        {
            long count = Math.Min(piece, end - at);
            LogFault fault = stretch.Read(at, count);
            if (!fault.IsNone) return fault;
            for (long i = 0; i < count; i++)
            {
                if (LogRecordHeader.CycleOf(stretch[i]) != cycle) continue;
                hole = at + i;
                return LogFault.None;
            }
        }

        return LogFault.None;
    }

    /// <summary>
    /// Looks back from <paramref name="end"/> for a record header. Where that record does not end at
    /// <paramref name="end"/>, the end is in the middle of it, and moves back to its start.
    /// </summary>
    /// <param name="already">Blocks of the record that were seen past the physical end of the log.</param>
    /// <param name="found">False where the start of the log was reached without a header.</param>
    private LogFault BackToRecordEnd(long start, ref long end, long already, out bool found)
    {
        found = false;
        var stretch = new LogStretch(log, end - start);
        LogFault fault = end > start ? stretch.Read(start, end - start) : LogFault.None;
        if (!fault.IsNone) return fault;
        long block = end - 1;
        while (block >= start && !LogRecordHeader.IsHeader(stretch[block - start])) block--;
        if (block < start) return start == 0 ? LogFault.None : NoRecord(end);

        found = true;
        LogRecordHeader header = LogRecordHeader.View(stretch[block - start]);
        // A header without UUID was written by IRIX.
        if (header.Uuid != Guid.Empty && header.Uuid != log.Place.Uuid)
        {
            return LogFault.Inconsistent(
                block, BlockFault.Wrong("h_fs_uuid", log.Place.Uuid.ToString(), header.Uuid.ToString()));
        }

        long blocks = BlocksOf(header.Length)
            + LogRecordHeader.HeaderBlocks(log.Place.IsVersion2, header.Version, header.BufferSize);
        if (end - block + already != blocks) end = block;
        return LogFault.None;
    }

    private LogFault CycleAt(long block, out uint cycle)
    {
        LogFault fault = log.Jump(block, out ReadOnlySpan<byte> bytes);
        cycle = fault.IsNone ? LogRecordHeader.CycleOf(bytes) : 0;
        return fault;
    }

    private static LogFault NoRecord(long before) =>
        LogFault.Inconsistent(Math.Max(0, before - 1), BlockFault.Bad("h_magicno", "no record header before the head"));

    private static long BufferSizeMax(LogBlocks log) =>
        log.Place.IsVersion2 ? LogRecordHeader.BufferSizeMax : LogRecordHeader.DataPerHeaderBlock;

    private static long BlocksOf(long bytes) => (bytes + LogPlace.BlockSize - 1) / LogPlace.BlockSize;
}
