// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>Opens a block and walks all of it, as a caller would; says why where the block is refused.</summary>
public delegate BlockFault BlockWalk(ReadOnlySpan<byte> block, in BlockIdentity identity);

/// <summary>Damages blocks and watches how a reader takes it. Everything is replayed by its seed.</summary>
public static class BlockDamage
{
    /// <summary>The first bit whose flipping goes unnoticed; -1 where each of them is a named fault.</summary>
    public static int FirstUnnoticedFlip(byte[] block, in BlockIdentity identity, BlockWalk walk)
    {
        for (int bit = 0; bit < block.Length * 8; bit++)
        {
            block[bit / 8] ^= (byte)(1 << (bit % 8));
            BlockFault fault = walk(block, in identity);
            block[bit / 8] ^= (byte)(1 << (bit % 8)); // restore
            if (fault.IsNone || string.IsNullOrEmpty(fault.Field)) return bit;
        }

        return -1;
    }

    /// <summary>
    /// Walks <paramref name="rounds"/> damaged copies of the block, their checksums repaired where
    /// <paramref name="crcAt"/> is not negative. Returns how many were refused: neither none nor all, if the damage
    /// is to mean anything. Every sixteenth copy is cut short as well.
    /// </summary>
    public static int Refused(
        byte[] sound, in BlockIdentity identity, int crcAt, int seed, int rounds, BlockWalk walk)
    {
        var random = new Random(seed);
        byte[] block = new byte[sound.Length];
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            sound.CopyTo(block.AsSpan());
            int changes = 1 + random.Next(3);
            for (int change = 0; change < changes; change++) Change(block, random);
            Span<byte> cut = round % 16 == 15 ? block.AsSpan(0, random.Next(block.Length)) : block;
            if (crcAt >= 0 && cut.Length >= crcAt + Crc32c.Size) Crc32c.Write(cut, crcAt);
            if (!walk(cut, in identity).IsNone) refused++;
        }

        return refused;
    }

    private static void Change(byte[] block, Random random)
    {
        // Headers and tails hold the counts: half of the damage goes there.
        int at = random.Next(4) switch
        {
            0 => random.Next(Math.Min(80, block.Length)),
            1 => block.Length - 1 - random.Next(Math.Min(24, block.Length)),
            _ => random.Next(block.Length),
        };
        switch (random.Next(4))
        {
            case 0: block[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: block[at] = 0xff; break;
            case 2: block[at] = 0; break;
            default: block[at] = (byte)random.Next(256); break;
        }
    }
}
