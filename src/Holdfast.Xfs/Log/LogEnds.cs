// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>
/// From the head that the cycles show to the ends that replay uses. The last record names the tail. Unless that record
/// says "unmounted", the last records are verified: those that the crash tore are cut off, and the record before them
/// names the tail instead. Then everything from tail to head is verified; where the torn writes had begun to overwrite
/// the tail, it moves on to the first record that is whole.
/// </summary>
internal sealed class LogEnds(LogBlocks log)
{
    private readonly LogPlace _place = log.Place;
    private RecordPosition _last;
    private long _head;
    private long _tail;
    private uint? _headBeforeTornWrite;
    private uint? _tailBeforeOverwrite;
    private bool _unmounted;
    private bool _tornToTail;

    /// <param name="unreadable">The log is damaged because blocks of it cannot be had.</param>
    internal LogState Find(out bool unreadable)
    {
        LogFault fault = FindEnds(out bool zeroed);
        unreadable = fault.Kind == LogFaultKind.Unreadable;
        if (!fault.IsNone) return Damaged(fault);
        if (zeroed)
        {
            // What a mount starts with where the log tells nothing.
            LogSequenceNumber start = new(cycle: 1, block: 0);
            LogState empty = new() { Kind = LogStateKind.Zeroed, Head = start, Tail = start };
            return _place.SuperblockLsn > start ? AheadOfLog(start) : empty;
        }

        LogSequenceNumber head = new(unchecked(_last.Cycle + (_last.Wrapped ? 1u : 0u)), (uint)_head);
        fault = CheckCycles(head);
        if (!fault.IsNone) return Damaged(fault);
        if (_place.SuperblockLsn > head) return AheadOfLog(head);
        fault = TailLsn(head, out LogSequenceNumber tail);
        return fault.IsNone ? Found(head, tail) : Damaged(fault);
    }

    /// <summary>
    /// Clean where the last record that can be seen is an unmount, dirty where it is another; null where there is none.
    /// For a log whose unreadable blocks are all ones.
    /// </summary>
    internal LogStateKind? FindApparent()
    {
        LogFault fault = new LogHeadSearch(log, passOver: true).Find(out _head);
        if (!fault.IsNone) return null;
        fault = LogRecordSeek.Back(log, _head, _head, 1, out RecordPosition? last);
        if (!fault.IsNone || last is null) return null;
        _last = last.Value;
        fault = LookForUnmount();
        return !fault.IsNone ? null : _unmounted ? LogStateKind.Clean : LogStateKind.Dirty;
    }

    private LogFault FindEnds(out bool zeroed)
    {
        zeroed = false;
        LogFault fault = new LogHeadSearch(log).Find(out _head);
        if (!fault.IsNone) return fault;
        if (_head == 0)
        {
            fault = log.Jump(0, out ReadOnlySpan<byte> first);
            zeroed = fault.IsNone && LogRecordHeader.CycleOf(first) == 0;
            if (!fault.IsNone || zeroed) return fault;
        }

        fault = LogRecordSeek.Back(log, _head, _head, 1, out RecordPosition? last);
        if (fault.IsNone && last is null) fault = NoRecord(_head);
        if (!fault.IsNone) return fault;
        _last = last!.Value;
        _tail = _last.TailLsn.Block;
        fault = LookForUnmount();
        if (!fault.IsNone || _unmounted) return fault;

        long head = _head;
        fault = CutTornWrites();
        if (!fault.IsNone || _head == head) return fault;
        return LookForUnmount();
    }

    /// <summary>Is the last record all of an unmount? Its checksum is not asked for.</summary>
    private LogFault LookForUnmount()
    {
        long data = _last.Block + LogRecordHeader.HeaderBlocks(_place.IsVersion2, _last.Version, _last.BufferSize);
        long end = (data + BlocksOf(_last.Length)) % log.Count;
        if (_head != end || _last.OperationCount != 1) return LogFault.None;
        LogFault fault = log.Jump(data % log.Count, out ReadOnlySpan<byte> bytes);
        if (!fault.IsNone || !LogOperationHeader.Read(bytes).IsUnmount) return fault;
        _unmounted = true;
        _tail = end;
        return LogFault.None;
    }

    private LogFault CutTornWrites()
    {
        LogFault fault = LogRecordSeek.Back(
            log, _head, _tail, LogRecordHeader.BuffersInFlightMax, out RecordPosition? oldest);
        if (fault.IsNone && oldest is null) fault = NoRecord(_head);
        if (!fault.IsNone) return fault;

        fault = LogRecordWalk.Verify(log, oldest!.Value.Block, _head, out long bad);
        if (fault.MayBeTornWrite)
        {
            fault = LogRecordSeek.Back(log, bad, _tail, 1, out RecordPosition? last);
            if (fault.IsNone && last is null) fault = NoRecord(bad);
            if (!fault.IsNone) return fault;
            _headBeforeTornWrite = (uint)_head;
            _last = last!.Value;
            _head = bad;
            _tail = _last.TailLsn.Block;
            _tornToTail = _head == _tail;
            if (_tornToTail) return LogFault.None;
        }

        return fault.IsNone ? VerifyFromTail() : fault;
    }

    private LogFault VerifyFromTail()
    {
        long named = _tail;
        // How far before the tail a write can have gone that overwrote it.
        long reach = BlocksOf(
            LogRecordHeader.BuffersInFlightMax * (long)Math.Min(_last.BufferSize, LogRecordHeader.BufferSizeMax));
        LogFault fault = MoveTail(_tail, count: 1);
        while (fault.IsNone)
        {
            fault = LogRecordWalk.Verify(log, _tail, _head, out long bad);
            if (fault.IsNone || !fault.MayBeTornWrite) break;
            long distance = _head < bad ? bad - _head : bad + log.Count - _head;
            if (distance > reach) break;
            long left = BlocksToHead();
            LogFault moved = MoveTail(bad, count: 2);
            // Each turn has to come closer to the head, or it would never end.
            if (moved.IsNone && BlocksToHead() >= left) moved = NoRecord(_head);
            fault = moved;
        }

        if (_tail != named) _tailBeforeOverwrite = (uint)named;
        return fault;
    }

    private long BlocksToHead() => (_head - _tail + log.Count) % log.Count;

    private LogFault MoveTail(long from, int count)
    {
        LogFault fault = LogRecordSeek.On(log, _head, from, count, out RecordPosition? record);
        if (fault.IsNone && record is null) fault = NoRecord(_head);
        if (fault.IsNone) _tail = record!.Value.Block;
        return fault;
    }

    /// <summary>The tail that the last record names is at most one round behind the head.</summary>
    private LogFault CheckCycles(LogSequenceNumber head)
    {
        LogSequenceNumber tail = _last.TailLsn;
        bool sound = head.Cycle == tail.Cycle
            ? head.Block >= tail.Block
            : head.Block < tail.Block && head.Cycle == unchecked(tail.Cycle + 1);
        return sound ? LogFault.None : LogFault.Inconsistent(
            _last.Block, BlockFault.Wrong("h_tail_lsn", $"within one cycle before {head}", tail.ToString()));
    }

    private LogFault TailLsn(LogSequenceNumber head, out LogSequenceNumber tail)
    {
        tail = _tail == _head ? head : _last.TailLsn;
        if (_tail == _head || _tailBeforeOverwrite is null) return LogFault.None;
        LogFault fault = log.Jump(_tail, out ReadOnlySpan<byte> block);
        if (fault.IsNone) tail = new(LogRecordHeader.CycleOf(block), (uint)_tail);
        return fault;
    }

    private LogState Found(LogSequenceNumber head, LogSequenceNumber tail) => new()
    {
        Kind = _tail == _head ? LogStateKind.Clean : LogStateKind.Dirty,
        Head = head,
        Tail = tail,
        LastRecord = new(_last.Cycle, (uint)_last.Block),
        HasUnmountRecord = _unmounted,
        HeadBeforeTornWrite = _headBeforeTornWrite,
        TailBeforeOverwrite = _tailBeforeOverwrite,
        Faults = _tornToTail ? [TornToTail()] : [],
    };

    /// <summary>A mount replays nothing then, although the log is not clean: it lost everything that it had.</summary>
    private Fault TornToTail() => LogFault.Corrupt(
        _head, BlockFault.Bad("h_crc", "every record that should be replayed is damaged")).At(_place);

    private LogState AheadOfLog(LogSequenceNumber head) => Damaged(LogFault.Inconsistent(
        head.Block, BlockFault.Wrong("sb_lsn", $"at most {head}", _place.SuperblockLsn.ToString())));

    private LogState Damaged(LogFault fault) => new() { Kind = LogStateKind.Damaged, Faults = [fault.At(_place)] };

    private static LogFault NoRecord(long head) => LogFault.Inconsistent(
        Math.Max(0, head - 1), BlockFault.Bad("h_magicno", "no whole record between tail and head"));

    private static long BlocksOf(long bytes) => (bytes + LogPlace.BlockSize - 1) / LogPlace.BlockSize;
}
