// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Testing;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

public sealed class DirectoryDataBlockTests
{
    private static readonly BlockIdentity V5 = new(true, new(4096), 131, new("6f1c0f6a-6c1e-4e56-9a3c-2f6d2c6f3a11"));
    private static readonly BlockIdentity V4 = new(false, default, null, default);

    private static readonly WrittenEntry[] Some =
    [
        new(131, ".", DirectoryFileType.Directory),
        new(128, "..", DirectoryFileType.Directory),
        new(200, "a"),
        WrittenEntry.Free(24),
        new(0x00ff_ffff_ffff_fff0, "name that is longer than the others", DirectoryFileType.Symlink),
        new(201, new string('n', 255), DirectoryFileType.Socket),
    ];

    public static TheoryData<bool, bool, bool, int> Forms()
    {
        var forms = new TheoryData<bool, bool, bool, int>();
        bool[] both = [false, true];
        foreach (bool isV5 in both)
        {
            foreach (bool isSingle in both)
            {
                foreach (bool hasFileTypes in both)
                {
                    foreach (int size in (int[])[512, 1024, 4096, 65536])
                    {
                        if (!isV5 || size > 512) forms.Add(isV5, isSingle, hasFileTypes, size);
                    }
                }
            }
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Entries_come_back_as_written_in_every_form(bool isV5, bool isSingle, bool hasFileTypes, int size)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        byte[] block = isSingle
            ? DirectoryBlockWriter.WriteSingle(in here, size, hasFileTypes, 2, Some)
            : DirectoryBlockWriter.WriteData(in here, size, hasFileTypes, Some);

        AssertSound(DirectoryDataBlock.TryOpen(block, in here, hasFileTypes, out DirectoryDataBlock opened));

        Assert.Equal(isSingle, opened.IsSingleBlock);
        Assert.Equal(isV5 ? 131ul : 0, opened.Owner.Value);
        WrittenEntry[] wanted = [.. Some.Where(entry => entry.Name is not null)];
        Assert.Equal(wanted.Length, opened.Count);
        Assert.Equal(isSingle ? wanted.Length + 2 : 0, opened.Leaf.Count);
        int index = 0;
        foreach (DirectoryEntry entry in opened)
        {
            Assert.Equal(wanted[index].Inode, entry.Inode.Value);
            Assert.Equal(wanted[index].Name, Encoding.UTF8.GetString(entry.Name));
            Assert.Equal(hasFileTypes ? wanted[index].FileType : DirectoryFileType.Unknown, entry.FileType);
            Assert.Equal(index == 0, entry.IsDot);
            Assert.Equal(index == 1, entry.IsDotDot);
            Assert.True(entry.HasValidName);
            Assert.True(opened.TryGetEntry(entry.Offset, out DirectoryEntry again));
            Assert.Equal(entry.Inode, again.Inode);
            index++;
        }

        Assert.Equal(wanted.Length, index);
    }

    [Fact]
    public void A_name_is_found_through_the_hash_index_of_a_single_block()
    {
        byte[] block = DirectoryBlockWriter.WriteSingle(in V5, 4096, true, 1, Some);
        AssertSound(DirectoryDataBlock.TryOpen(block, in V5, true, out DirectoryDataBlock opened));
        foreach (WrittenEntry wanted in Some)
        {
            if (wanted.Name is null) continue;
            uint hash = DirectoryName.Hash(Encoding.UTF8.GetBytes(wanted.Name));
            DirectoryLeafEntry found = opened.Leaf[opened.Leaf.FirstNotBelow(hash)];
            Assert.Equal(hash, found.Hash);
            Assert.True(opened.TryGetEntry((int)found.FileOffset, out DirectoryEntry entry));
            Assert.Equal(wanted.Inode, entry.Inode.Value);
        }

        Assert.Equal(opened.Leaf.Count, opened.Leaf.FirstNotBelow(uint.MaxValue));
        Assert.Equal(0, opened.Leaf.FirstNotBelow(0));
    }

    // Goal: an address from a leaf entry, which is disk input, finds an entry or nothing.
    [Fact]
    public void Only_where_an_entry_begins_is_one_found()
    {
        // Bytes before the first entry that would pass for one, and whose tag would be right.
        byte[] block = DirectoryBlockWriter.WriteData(in V5, 512, true, new(1, "."), WrittenEntry.Free(32),
            new(3, "a"));
        block[48 + 8] = 1; // best free lengths are not looked at
        block[63] = 48;
        Crc32c.Write(block, StampWriter.DirectoryCrcAt);
        AssertSound(DirectoryDataBlock.TryOpen(block, in V5, true, out DirectoryDataBlock opened));
        var found = new List<int>();
        for (int offset = -8; offset <= 520; offset++) if (opened.TryGetEntry(offset, out _)) found.Add(offset);
        Assert.Equal([64, 112], found);
    }

    // Goal: no single-bit error in a block ever reaches a caller.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_flipped_bit_is_a_named_fault(bool isSingle)
    {
        byte[] block = isSingle
            ? DirectoryBlockWriter.WriteSingle(in V5, 1024, true, 1, Some)
            : DirectoryBlockWriter.WriteData(in V5, 1024, true, Some);
        AssertSound(Walk(block, in V5));
        Assert.Equal(-1, BlockDamage.FirstUnnoticedFlip(block, in V5, Walk));
    }

    // Goal: what gets past the first door (its checksum is right) is refused or walked to its end, and never throws.
    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 3)]
    [InlineData(false, false, 4)]
    public void Damage_under_a_right_checksum_is_refused_or_harmless(bool isV5, bool isSingle, int seed)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        byte[] block = isSingle
            ? DirectoryBlockWriter.WriteSingle(in here, 1024, true, 1, Some)
            : DirectoryBlockWriter.WriteData(in here, 1024, true, Some);
        int crcAt = isV5 ? StampWriter.DirectoryCrcAt : -1;
        int refused = BlockDamage.Refused(block, in here, crcAt, seed, rounds: 100_000, Walk);
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Fact]
    public void A_block_of_another_place_owner_or_filesystem_is_named()
    {
        byte[] block = DirectoryBlockWriter.WriteData(in V5, 4096, true, Some);
        Assert.Equal("blkno", FieldOf(block, V5 with { Address = new(4104) }));
        Assert.Equal("owner", FieldOf(block, V5 with { Owner = 132 }));
        Assert.Equal("uuid", FieldOf(block, V5 with { Uuid = Guid.Empty }));
        Assert.Equal("magic", FieldOf(block, V5 with { HasCrc = false }));
        Assert.Null(FieldOf(block, V5 with { Owner = null }));
    }

    // In a block of 512 bytes the entry for "abc" lies at 96: inode, length of the name at 104, name at 105, type at
    // 108, padding, tag at 110. At 112 free space begins, with its length at 114 and its tag at the end.
    [Theory]
    [InlineData(104, 0, "namelen at 96")]
    [InlineData(104, 4, "filetype at 96")] // the type is now where there was padding
    [InlineData(104, 20, "tag at 96")]
    [InlineData(108, 9, "filetype at 96")]
    [InlineData(111, 0x68, "tag at 96")]
    [InlineData(115, 0x98, "length at 112")] // past the end
    [InlineData(115, 0x81, "length at 112")] // not whole
    [InlineData(115, 0x78, "tag at 112")]
    [InlineData(511, 0, "tag at 112")]
    public void Each_way_for_a_block_to_be_wrong_is_named(int at, byte value, string field)
    {
        byte[] block = DirectoryBlockWriter.WriteData(in V5, 512, true, new(1, "."), new(2, ".."), new(3, "abc"));
        block[109] = 0xff; // padding is not looked at
        block[at] = value;
        Crc32c.Write(block, StampWriter.DirectoryCrcAt);
        Assert.Equal(field, FieldOf(block, V5));
    }

    [Fact]
    public void A_name_that_would_leave_the_block_is_refused()
    {
        byte[] block = DirectoryBlockWriter.WriteData(in V5, 512, true, WrittenEntry.Free(424), new(3, "abc"));
        block[64 + 424 + 8] = 200;
        Crc32c.Write(block, StampWriter.DirectoryCrcAt);
        Assert.Equal("namelen at 488", FieldOf(block, V5));
    }

    [Theory]
    [InlineData(4, 2, "namelen at 480")] // the first entry of the index is taken for one of the directory
    [InlineData(4, 4, "length at 112")] // the free space reaches into the index
    [InlineData(4, 255, "btail.count")] // more than fit
    [InlineData(8, 1, "stale")]
    [InlineData(8, 9, "btail.stale")]
    public void A_wrong_count_in_the_tail_is_named(int fromEnd, byte value, string field)
    {
        byte[] block = DirectoryBlockWriter.WriteSingle(in V5, 512, true, 0, new(1, "."), new(2, ".."), new(3, "abc"));
        int at = fromEnd == 4 ? block.Length - 5 : block.Length - 1;
        block[at] = value;
        Crc32c.Write(block, StampWriter.DirectoryCrcAt);
        Assert.Equal(field, FieldOf(block, V5));
    }

    [Fact]
    public void An_index_with_more_names_than_there_are_entries_is_refused()
    {
        byte[] block = DirectoryBlockWriter.WriteSingle(in V5, 512, true, 1, new(1, "."), new(2, ".."));
        block[^1] = 0; // no longer stale:
        block[512 - 8 - 3 * 8 + 7] = 14;
        Crc32c.Write(block, StampWriter.DirectoryCrcAt);
        Assert.Equal("btail.count", FieldOf(block, V5));
    }

    private static string? FieldOf(byte[] block, BlockIdentity identity) => Walk(block, in identity).Field;

    private static BlockFault Walk(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = DirectoryDataBlock.TryOpen(block, in identity, true, out DirectoryDataBlock opened);
        if (!fault.IsNone) return fault;
        int count = 0;
        int length = 0;
        foreach (DirectoryEntry entry in opened)
        {
            count++;
            length += entry.Name.Length;
        }

        Assert.Equal(opened.Count, count);
        Assert.InRange(length, count, block.Length);
        for (int index = 0; index < opened.Leaf.Count; index++)
        {
            long offset = opened.Leaf[index].FileOffset;
            if (offset < block.Length) opened.TryGetEntry((int)offset, out _);
        }

        return fault;
    }

    private static void AssertSound(BlockFault fault) => Assert.True(fault.IsNone, fault.ToString());
}
