// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Testing;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class DquotBlockTests
{
    private const int CrcAt = 108; // in each record
    private static readonly BlockIdentity V5 = new(true, new(0), null, new("6f1c0f6a-6c1e-4e56-9a3c-2f6d2c6f3a11"));
    private static readonly BlockIdentity V4 = new(false, default, null, default);

    [Theory]
    [InlineData(true, 4096, 30)]
    [InlineData(false, 4096, 30)]
    [InlineData(true, 1024, 7)]
    public void Records_come_back_as_written(bool isV5, int size, int count)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        byte[] block = Write(in here, size, firstId: 60);
        Assert.True(DquotBlock.TryOpen(block, in here, 60, out DquotBlock opened).IsNone);
        Assert.Equal(count, opened.Count);
        for (int index = 0; index < count; index++)
        {
            Assert.Equal(new Dquot(DquotType.Group, 60 + (uint)index, 1000 + (ulong)index, 7), opened[index]);
        }

        Assert.Equal("dqblk[0].d_id", DquotBlock.TryOpen(block, in here, 30, out _).Field);
    }

    // The slack behind the last record belongs to nobody.
    [Fact]
    public void Every_flipped_bit_of_a_record_is_a_named_fault()
    {
        byte[] block = Write(in V5, 1024, 0);
        Assert.Equal(7 * Dquot.Size * 8, BlockDamage.FirstUnnoticedFlip(block, in V5, Walk));
        Array.Clear(block, 2 * Dquot.Size, 8);
        Assert.Equal("dqblk[2].d_magic", Walk(block, in V5).Field);
        Assert.True(DquotBlock.CheckRecord(block, in V5, 0, 1).IsNone);
        Assert.False(DquotBlock.CheckRecord(block, in V5, 0, 2).IsNone);
    }

    [Theory]
    [InlineData(2, 2, "d_version")]
    [InlineData(3, 3, "d_type")] // user and project
    [InlineData(3, 0x41, "d_type")]
    [InlineData(3, 0x84, null)] // with large timers
    [InlineData(7, 9, "d_id")]
    [InlineData(120, 9, "dd_uuid")]
    public void Each_way_to_be_wrong_is_named(int at, byte value, string? field)
    {
        byte[] block = Write(in V5, 512, 0);
        block[at] = value;
        Crc32c.Write(block.AsSpan(0, Dquot.Size), CrcAt);
        Assert.Equal(field is null ? null : $"dqblk[0].{field}", Walk(block, in V5).Field);
    }

    [Fact]
    public void Damage_is_refused_or_harmless()
    {
        byte[] block = Write(in V4, 512, 0);
        int refused = BlockDamage.Refused(block, in V4, crcAt: -1, seed: 31, rounds: 100_000, Walk);
        Assert.InRange(refused, 10_000, 99_000);
    }

    private static BlockFault Walk(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = DquotBlock.TryOpen(block, in identity, 0, out DquotBlock opened);
        for (int index = 0; fault.IsNone && index < opened.Count; index++) Assert.Equal((uint)index, opened[index].Id);
        return fault;
    }

    private static byte[] Write(in BlockIdentity identity, int size, uint firstId)
    {
        byte[] block = new byte[size];
        for (int index = 0; index < size / 136; index++)
        {
            Span<byte> record = block.AsSpan(index * 136, 136);
            BinaryPrimitives.WriteUInt16BigEndian(record, 0x4451);
            record[2] = 1;
            record[3] = 4; // group
            BinaryPrimitives.WriteUInt32BigEndian(record[4..], firstId + (uint)index);
            BinaryPrimitives.WriteUInt64BigEndian(record[40..], 1000 + (ulong)index);
            BinaryPrimitives.WriteUInt64BigEndian(record[48..], 7);
            if (!identity.HasCrc) continue;
            identity.Uuid.TryWriteBytes(record[120..], bigEndian: true, out _);
            Crc32c.Write(record, CrcAt);
        }

        return block;
    }
}
