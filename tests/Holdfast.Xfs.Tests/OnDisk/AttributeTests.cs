// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Testing;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

/// <summary>Attribute leaves, short forms, remote values and parent pointers.</summary>
public sealed class AttributeTests
{
    private static readonly BlockIdentity V5 = new(true, new(808), 131, new("6f1c0f6a-6c1e-4e56-9a3c-2f6d2c6f3a11"));
    private static readonly BlockIdentity V4 = new(false, default, null, default);

    private static readonly byte[] ParentRecord = [0, 0, 0, 1, 0, 0, 0, 2, 0xca, 0xfe, 0xba, 0xbe];

    private static readonly WrittenAttribute[] Some =
    [
        new(AttributeBits.None, "one", "1"u8.ToArray()),
        new(AttributeBits.Root, "two", new byte[60]),
        new(AttributeBits.Root, "SGI_ACL_DEFAULT", new byte[4]),
        new(AttributeBits.Secure, "SGI_ACL_FILE", []),
        new(AttributeBits.None, "SGI_ACL_FILE", []),
        new(AttributeBits.Parent, "entry", ParentRecord),
    ];

    private static readonly WrittenAttribute[] Remote =
    [
        new(AttributeBits.None, "far", null, RemoteBlock: 3, RemoteLength: 65536),
        new(AttributeBits.Incomplete, "not yet", null, RemoteBlock: 0, RemoteLength: 0),
    ];

    [Theory]
    [InlineData(true, 1024)]
    [InlineData(false, 512)]
    [InlineData(true, 65536)]
    public void A_leaf_comes_back_as_written(bool isV5, int size)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        WrittenAttribute[] all = [.. Some, .. Remote];
        byte[] block = AttributeWriter.WriteLeaf(in here, size, all);
        AssertSound(AttributeLeaf.TryOpen(block, in here, out AttributeLeaf leaf));
        Assert.Equal(all.Length, leaf.Count);
        Assert.Equal(isV5 ? 131ul : 0, leaf.Owner.Value);
        foreach (WrittenAttribute wanted in all)
        {
            byte[] name = Encoding.UTF8.GetBytes(wanted.Name);
            int index = leaf.FirstNotBelow(DirectoryName.Hash(name));
            while (!leaf[index].Name.SequenceEqual(name) || leaf[index].Namespace != NamespaceOf(wanted.Flags)) index++;
            AttributeEntry found = leaf[index];
            Assert.Equal(wanted.Value is not null, found.IsLocal);
            Assert.Equal(wanted.Value ?? [], found.Value.ToArray());
            Assert.Equal(wanted.Value?.Length ?? wanted.RemoteLength, found.ValueLength);
            Assert.Equal((ulong)wanted.RemoteBlock, found.ValueBlock.Value);
            Assert.Equal(wanted.Flags.HasFlag(AttributeBits.Incomplete), found.IsIncomplete);
        }
    }

    [Fact]
    public void An_empty_leaf_is_sound()
    {
        foreach (int size in (int[])[1024, 65536])
        {
            byte[] block = AttributeWriter.WriteLeaf(in V5, size);
            AssertSound(AttributeLeaf.TryOpen(block, in V5, out AttributeLeaf leaf));
            Assert.Equal(0, leaf.Count);
        }
    }

    [Fact]
    public void A_short_form_comes_back_as_written()
    {
        byte[] fork = [.. AttributeWriter.WriteShortForm(Some), 1, 2, 3];
        AssertSound(AttributeShortForm.TryOpen(fork, out AttributeShortForm attributes));
        Assert.Equal(Some.Length, attributes.Count);
        var kinds = new List<string>();
        foreach (AttributeEntry attribute in attributes)
        {
            WrittenAttribute wanted = Some[kinds.Count];
            Assert.Equal(wanted.Name, Encoding.UTF8.GetString(attribute.Name));
            Assert.Equal(wanted.Value, attribute.Value.ToArray());
            kinds.Add(attribute.Kind);
        }

        Assert.Equal(["user", "trusted", "acl", "security", "user", "parent"], kinds);
    }

    [Fact]
    public void A_parent_pointer_names_directory_generation_and_entry()
    {
        AssertSound(ParentPointer.TryOpen(Only(Some[5]), out ParentPointer pointer));
        Assert.Equal(0x1_0000_0002ul, pointer.Parent.Value);
        Assert.Equal(0xcafebabe, pointer.Generation);
        Assert.Equal("entry", Encoding.UTF8.GetString(pointer.Name));
        Assert.Equal(0x1234u ^ 1 ^ 2, ParentPointer.Hash(0x1234, pointer.Parent));
    }

    [Theory]
    [InlineData(AttributeBits.None, "entry", 12, "flags")]
    [InlineData(AttributeBits.Parent | AttributeBits.Incomplete, "entry", 12, "flags")]
    [InlineData(AttributeBits.Parent, "entry", 11, "valuelen")]
    [InlineData(AttributeBits.Parent, "en/try", 12, "name")]
    [InlineData(AttributeBits.Parent, "en\0try", 12, "name")]
    public void What_is_no_parent_pointer_is_refused(AttributeBits flags, string name, int length, string field) =>
        Assert.Equal(field, ParentPointer.TryOpen(Only(new(flags, name, new byte[length])), out _).Field);

    [Fact]
    public void Every_flipped_bit_of_a_leaf_is_a_named_fault()
    {
        byte[] block = AttributeWriter.WriteLeaf(in V5, 1024, [.. Some, .. Remote]);
        AssertSound(WalkLeaf(block, in V5));
        Assert.Equal(-1, BlockDamage.FirstUnnoticedFlip(block, in V5, WalkLeaf));
    }

    [Fact]
    public void Every_flipped_bit_of_a_remote_value_is_a_named_fault()
    {
        byte[] block = RemoteWriter.Write(in V5, 1024, Magic.AttributeRemoteV5, 968, new byte[32]);
        AssertSound(WalkRemote(block, in V5));
        Assert.Equal(-1, BlockDamage.FirstUnnoticedFlip(block, in V5, WalkRemote));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damage_in_a_leaf_under_a_right_checksum_is_refused_or_harmless(bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        byte[] block = AttributeWriter.WriteLeaf(in here, 512, [.. Some, .. Remote]);
        int crcAt = isV5 ? StampWriter.DaCrcAt : -1;
        int refused = BlockDamage.Refused(block, in here, crcAt, seed: 11, rounds: 100_000, WalkLeaf);
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Fact]
    public void Damage_in_a_short_form_is_refused_or_harmless()
    {
        byte[] fork = AttributeWriter.WriteShortForm(Some);
        int refused = BlockDamage.Refused(fork, default, crcAt: -1, seed: 12, rounds: 100_000, WalkShortForm);
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Fact]
    public void Damage_in_a_remote_value_under_a_right_checksum_is_refused_or_harmless()
    {
        byte[] block = RemoteWriter.Write(in V5, 1024, Magic.AttributeRemoteV5, 0, new byte[968]);
        int refused = BlockDamage.Refused(block, in V5, StampWriter.RemoteCrcAt, seed: 13, rounds: 100_000, WalkRemote);
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Theory]
    [InlineData(56, 0x80, "count")]
    [InlineData(60, 0xff, "firstused")]
    [InlineData(60, 0x00, "firstused")] // within the entries
    [InlineData(80, 0xff, "entries[1].hashval")] // of entry 0: what follows is below it
    [InlineData(84, 0x00, "entries[0].nameidx")] // before the first that is used
    [InlineData(84, 0x7f, "entries[0].nameidx")]
    [InlineData(86, 0x46, "entries[0].flags")] // of no namespace that there is
    [InlineData(86, 0x07, "entries[0].flags")] // of two
    public void Each_way_for_a_leaf_to_be_wrong_is_named(int at, byte value, string field)
    {
        byte[] block = AttributeWriter.WriteLeaf(in V5, 1024, Some);
        block[at] = value;
        Crc32c.Write(block, StampWriter.DaCrcAt);
        Assert.Equal(field, WalkLeaf(block, in V5).Field);
    }

    [Theory]
    [InlineData(true, 2, 0, "namelen")]
    [InlineData(true, 0, 0xff, "valuelen")] // past the end of the block
    [InlineData(false, 8, 0, "namelen")]
    [InlineData(false, 4, 1, "valuelen")] // 16 MiB
    [InlineData(false, 3, 0, "valueblk")]
    public void Each_way_for_a_name_to_be_wrong_is_named(bool isLocal, int at, byte value, string field)
    {
        byte[] block = AttributeWriter.WriteLeaf(in V5, 1024, isLocal ? Some[0] : Remote[0]);
        int item = BinaryPrimitives.ReadUInt16BigEndian(block.AsSpan(84));
        block[item + at] = value;
        Crc32c.Write(block, StampWriter.DaCrcAt);
        Assert.Equal($"nvlist[0].{field}", WalkLeaf(block, in V5).Field);
    }

    [Theory]
    [InlineData(1, 1024, true, 1)]
    [InlineData(968, 1024, true, 1)]
    [InlineData(969, 1024, true, 2)]
    [InlineData(65536, 1024, true, 68)]
    [InlineData(65536, 65536, true, 2)]
    [InlineData(65536, 4096, false, 16)]
    [InlineData(513, 512, false, 2)]
    public void A_remote_value_takes_so_many_blocks(int length, int blockSize, bool hasCrc, int blocks) =>
        Assert.Equal(blocks, AttributeRemoteValue.BlocksOf(length, blockSize, hasCrc));

    [Fact]
    public void A_remote_block_of_another_part_of_the_value_is_refused()
    {
        byte[] block = RemoteWriter.Write(in V5, 1024, Magic.AttributeRemoteV5, 968, new byte[32]);
        AssertSound(AttributeRemoteValue.TryOpen(block, in V5, 1, 1000, out AttributeRemoteValue part));
        Assert.Equal(968, part.Offset);
        Assert.Equal(32, part.Part.Length);
        Assert.Equal("offset", AttributeRemoteValue.TryOpen(block, in V5, 0, 1000, out _).Field);
        Assert.Equal("bytes", AttributeRemoteValue.TryOpen(block, in V5, 1, 1001, out _).Field);
    }

    [Fact]
    public void A_V4_remote_block_is_its_part_of_the_value()
    {
        byte[] block = new byte[512];
        AssertSound(AttributeRemoteValue.TryOpen(block, in V4, 1, 600, out AttributeRemoteValue part));
        Assert.Equal(88, part.Part.Length);
        Assert.Equal("magic", AttributeRemoteValue.TryOpen(block, in V4, out _).Field);
    }

    private static AttributeEntry Only(WrittenAttribute attribute)
    {
        byte[] fork = AttributeWriter.WriteShortForm(attribute);
        AssertSound(AttributeShortForm.TryOpen(fork, out AttributeShortForm attributes));
        AttributeShortForm.Enumerator enumerator = attributes.GetEnumerator();
        Assert.True(enumerator.MoveNext());
        return enumerator.Current;
    }

    private static BlockFault WalkLeaf(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = AttributeLeaf.TryOpen(block, in identity, out AttributeLeaf leaf);
        for (int index = 0; fault.IsNone && index < leaf.Count; index++)
        {
            AttributeEntry attribute = leaf[index];
            Assert.InRange(attribute.Name.Length, 1, 255);
            Assert.InRange(attribute.ValueLength, 0, AttributeRemoteValue.LengthMax);
            Assert.Contains(attribute.Kind, AttributeKinds.All);
            ParentPointer.TryOpen(in attribute, out _);
        }

        return fault;
    }

    private static BlockFault WalkShortForm(ReadOnlySpan<byte> fork, in BlockIdentity identity)
    {
        BlockFault fault = AttributeShortForm.TryOpen(fork, out AttributeShortForm attributes);
        if (!fault.IsNone) return fault;
        int count = 0;
        foreach (AttributeEntry attribute in attributes)
        {
            Assert.InRange(attribute.Name.Length, 1, 255);
            ParentPointer.TryOpen(in attribute, out _);
            count++;
        }

        Assert.Equal(attributes.Count, count);
        return fault;
    }

    private static BlockFault WalkRemote(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = AttributeRemoteValue.TryOpen(block, in identity, out AttributeRemoteValue part);
        if (fault.IsNone) Assert.InRange(part.Offset + part.Part.Length, 0, AttributeRemoteValue.LengthMax);
        return fault;
    }

    private static AttributeNamespace NamespaceOf(AttributeBits flags) => (flags & ~AttributeBits.Incomplete) switch
    {
        AttributeBits.Root => AttributeNamespace.Trusted,
        AttributeBits.Secure => AttributeNamespace.Security,
        AttributeBits.Parent => AttributeNamespace.Parent,
        _ => AttributeNamespace.User,
    };

    private static void AssertSound(BlockFault fault) => Assert.True(fault.IsNone, fault.ToString());
}
