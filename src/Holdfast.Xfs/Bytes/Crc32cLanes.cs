// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Holdfast.Xfs.Bytes;

/// <summary>
/// Three checksums side by side over three parts of the words: the instruction takes three cycles and can begin every
/// cycle. The first two are then carried over what follows them: multiplied by a power of x, modulo the polynomial.
/// </summary>
internal static class Crc32cLanes
{
    private const int WordsMin = 24;

    /// <summary>A block of 64 KiB in three parts.</summary>
    private const int LaneWordsMax = (1 << 16) / sizeof(ulong) / 3;

    /// <summary>
    /// By the words of one lane: the two multipliers, the first lane's below. 0: not yet computed; two threads that
    /// find it so compute the same.
    /// </summary>
    private static readonly ulong[] Multipliers = new ulong[LaneWordsMax + 1];

    public static bool AreWorthIt(int words) =>
        words >= WordsMin && words <= LaneWordsMax * 3 && Sse42.X64.IsSupported && Pclmulqdq.IsSupported;

    /// <summary>Continues a running checksum; the words as they lie in memory.</summary>
    public static uint Update(uint crc, ReadOnlySpan<ulong> words)
    {
        // At least one word is left, into which the lanes are folded.
        int lane = (words.Length - 1) / 3;
        ulong one = crc;
        ulong two = 0;
        ulong three = 0;
        ReadOnlySpan<ulong> first = words[..lane];
        ReadOnlySpan<ulong> second = words.Slice(lane, lane);
        ReadOnlySpan<ulong> third = words.Slice(2 * lane, lane);
        for (int i = 0; i < first.Length; i++)
        {
            one = Sse42.X64.Crc32(one, first[i]);
            two = Sse42.X64.Crc32(two, second[i]);
            three = Sse42.X64.Crc32(three, third[i]);
        }

        ulong multipliers = MultipliersOf(lane);
        ulong folded = Multiply((uint)one, (uint)multipliers) ^ Multiply((uint)two, (uint)(multipliers >> 32));
        ReadOnlySpan<ulong> left = words[(3 * lane)..];
        three = Sse42.X64.Crc32(three, left[0] ^ folded);
        foreach (ulong word in left[1..]) three = Sse42.X64.Crc32(three, word);
        return (uint)three;
    }

    private static ulong Multiply(uint crc, uint multiplier) => Pclmulqdq.CarrylessMultiply(
        Vector128.CreateScalar((ulong)crc), Vector128.CreateScalar((ulong)multiplier), 0).ToScalar();

    private static ulong MultipliersOf(int lane)
    {
        ulong known = Multipliers[lane];
        if (known != 0) return known;
        // The first lane is carried over two lanes and the word it is folded into, the second over one.
        known = PowerOver(2 * lane + 1) | (ulong)PowerOver(lane + 1) << 32;
        Multipliers[lane] = known;
        return known;
    }

    /// <summary>
    /// x to the power of the bits in so many words, less 33: the product of two reflected 32-bit polynomials is one
    /// bit short of 64, and the checksum instruction multiplies by x to the 32nd itself.
    /// </summary>
    private static uint PowerOver(int words)
    {
        int bits = words * 64 - 33;
        uint power = 1u << 31 >> bits % 32;
        for (int i = 0; i < bits / 32; i++) power = Sse42.Crc32(power, 0u);
        return power;
    }
}
