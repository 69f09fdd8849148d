// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.Tests.Bytes;

public sealed class Crc32cTests
{
    private const uint Polynomial = 0x82F63B78; // Castagnoli, reflected
    private const int Seed = 7;

    [Fact]
    public void The_check_value_of_the_catalogue() =>
        Assert.Equal(0xE3069283, ~Crc32c.Update(uint.MaxValue, Encoding.ASCII.GetBytes("123456789")));

    // Goal: side by side or in a row, the checksum is the same.
    // Method: one bit at a time, for every length that takes another way, at every alignment of its end.
    [Fact]
    public void Every_length_agrees_with_one_bit_at_a_time()
    {
        byte[] bytes = new byte[65536];
        new Random(Seed).NextBytes(bytes);
        int[] lengths = [.. Enumerable.Range(0, 700), 1024, 2048, 4092, 4096, 8192, 32768, 65535, 65536];
        foreach (int length in lengths)
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(bytes.Length - length);
            Assert.Equal(BitByBit(uint.MaxValue, part), Crc32c.Update(uint.MaxValue, part));
        }
    }

    [Theory]
    [InlineData(512, 100)]
    [InlineData(4096, 4)]
    [InlineData(4096, 56)]
    [InlineData(65536, 64)]
    public void The_checksum_field_counts_as_zero(int size, int checksumAt)
    {
        byte[] block = new byte[size];
        new Random(Seed).NextBytes(block);
        byte[] zeroed = [.. block];
        zeroed.AsSpan(checksumAt, Crc32c.Size).Clear();
        Assert.Equal(~BitByBit(uint.MaxValue, zeroed), Crc32c.Compute(block, checksumAt));
    }

    private static uint BitByBit(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            crc ^= next;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
        }

        return crc;
    }
}
