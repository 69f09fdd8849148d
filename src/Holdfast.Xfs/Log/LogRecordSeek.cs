// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Log;

/// <summary>Looks for record headers block by block, round the end of the log where head and tail lie so.</summary>
internal static class LogRecordSeek
{
    /// <summary>
    /// Goes back from <paramref name="head"/> to the record that is <paramref name="count"/> headers away, or to the
    /// farthest one that is not before <paramref name="tail"/>. A tail equal to the head stands for "not known": the
    /// whole ring is searched.
    /// </summary>
    internal static LogFault Back(LogBlocks log, long head, long tail, int count, out RecordPosition? record)
    {
        record = null;
        int found = 0;
        for (long block = head - 1; block >= (head > tail ? tail : 0) && found < count; block--)
        {
            LogFault fault = log.Backward(block, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            Look(bytes, block, wrapped: false, ref record, ref found);
        }

        for (long block = log.Count - 1; tail >= head && block >= tail && found < count; block--)
        {
            LogFault fault = log.Backward(block, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            Look(bytes, block, wrapped: true, ref record, ref found);
        }

        return LogFault.None;
    }

    /// <summary>
    /// Goes on from <paramref name="tail"/> to the record that is <paramref name="count"/> headers away (one at the
    /// tail is the first), or to the last one before <paramref name="head"/>.
    /// </summary>
    internal static LogFault On(LogBlocks log, long head, long tail, int count, out RecordPosition? record)
    {
        record = null;
        int found = 0;
        long end = head > tail ? head : log.Count - 1;
        for (long block = tail; block <= end && found < count; block++)
        {
            LogFault fault = log.Forward(block, 1, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            Look(bytes, block, wrapped: false, ref record, ref found);
        }

        for (long block = 0; tail > head && block < head && found < count; block++)
        {
            LogFault fault = log.Forward(block, 1, out ReadOnlySpan<byte> bytes);
            if (!fault.IsNone) return fault;
            Look(bytes, block, wrapped: true, ref record, ref found);
        }

        return LogFault.None;
    }

    private static void Look(
        ReadOnlySpan<byte> bytes, long block, bool wrapped, ref RecordPosition? record, ref int found)
    {
        if (!LogRecordHeader.IsHeader(bytes)) return;
        found++;
        record = RecordPosition.Of(LogRecordHeader.View(bytes), block, wrapped);
    }
}
