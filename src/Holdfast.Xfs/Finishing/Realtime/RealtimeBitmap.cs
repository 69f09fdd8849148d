// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>
/// Which units of allocation of a realtime group are free: one bit each in the bitmap file, and in the summary file,
/// for each block of the bitmap and each power of two, how many runs of free units of about that length begin there.
/// </summary>
/// <param name="units">Units in the group.</param>
/// <param name="bitmapBlocks">Blocks of the bitmap, as the summary is laid out for.</param>
internal sealed class RealtimeBitmap(RealtimeWords bitmap, RealtimeWords summary, ulong units, uint bitmapBlocks)
{
    private ulong UnitsPerBlock => (ulong)bitmap.WordsPerBlock * RealtimeWords.BitsPerWord;

    /// <summary>Units become free, and one run with what is free beside them.</summary>
    public void Free(ulong start, ulong length)
    {
        for (ulong unit = start; unit < start + length;)
        {
            int bit = (int)(unit % RealtimeWords.BitsPerWord);
            int count = (int)Math.Min(RealtimeWords.BitsPerWord - (ulong)bit, start + length - unit);
            uint mask = count == RealtimeWords.BitsPerWord ? uint.MaxValue : ((1u << count) - 1) << bit;
            bitmap[unit / RealtimeWords.BitsPerWord] |= mask;
            unit += (ulong)count;
        }

        ulong end = start + length;
        ulong first = FirstOfRun(start);
        ulong last = EndOfRun(end);
        if (first < start) Count(first, start - first, -1);
        if (last > end) Count(end, last - end, -1);
        Count(first, last - first, 1);
    }

    private void Count(ulong first, ulong length, int change)
    {
        ulong at = (ulong)BitOperations.Log2(length) * bitmapBlocks + first / UnitsPerBlock;
        summary[at] = unchecked(summary[at] + (uint)change);
    }

    /// <summary>The first of the free units that end before this one.</summary>
    private ulong FirstOfRun(ulong unit)
    {
        while (unit > 0)
        {
            ulong word = (unit - 1) / RealtimeWords.BitsPerWord;
            int bits = (int)(unit - word * RealtimeWords.BitsPerWord);
            // The bits below the unit come to the top: free ones among them are leading ones.
            uint below = bitmap[word] << (RealtimeWords.BitsPerWord - bits);
            int free = Math.Min(BitOperations.LeadingZeroCount(~below), bits);
            unit -= (ulong)free;
            if (free < bits) break;
        }

        return unit;
    }

    /// <summary>The end of the free units that begin with this one.</summary>
    private ulong EndOfRun(ulong unit)
    {
        while (unit < units)
        {
            int bit = (int)(unit % RealtimeWords.BitsPerWord);
            int bits = (int)Math.Min(RealtimeWords.BitsPerWord - (ulong)bit, units - unit);
            uint above = bitmap[unit / RealtimeWords.BitsPerWord] >> bit;
            int free = Math.Min(BitOperations.TrailingZeroCount(~above), bits);
            unit += (ulong)free;
            if (free < bits) break;
        }

        return unit;
    }
}
