// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

/// <summary>Leaves, nodes and free-index blocks.</summary>
public sealed class DirectoryIndexTests
{
    private static readonly BlockIdentity V5 = new(true, new(808), 131, new("6f1c0f6a-6c1e-4e56-9a3c-2f6d2c6f3a11"));
    private static readonly BlockIdentity V4 = new(false, default, null, default);

    private static readonly DirectoryLeafEntry[] Entries =
        [new(0x2e, 8), new(0x172e, 10), new(0x9000, 0), new(0x9000, 40), new(0x9000, 60), new(0xfffffff0, 90)];

    private static readonly DaNodeEntry[] Children =
        [new(0x100, new(8388609)), new(0x9000, new(8388612)), new(0x9000, new(8388613)), new(0xf0000000, new(8388610))];

    private static readonly ushort[] Bests = [0x20, DirectoryFreeBlock.NoBlock, 0xf00];

    public static TheoryData<string, bool> Kinds() => new()
    {
        { "leaf1", true }, { "leaf1", false }, { "leafn", true }, { "leafn", false },
        { "node", true }, { "node", false }, { "free", true }, { "free", false },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_leaf_comes_back_as_written(bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        AssertSound(DirectoryLeaf.TryOpen(Write("leafn", in here), in here, out DirectoryLeaf leaf));
        Assert.False(leaf.IsOnly);
        Assert.Equal(8388615ul, leaf.Forward.Value);
        Assert.Equal(8388611ul, leaf.Back.Value);
        Assert.Equal(isV5 ? 131ul : 0, leaf.Owner.Value);
        Assert.Equal(0, leaf.DataBlockCount);
        Assert.Equal(Entries.Length, leaf.Entries.Count);
        Assert.Equal(1, leaf.Entries.StaleCount);
        for (int index = 0; index < Entries.Length; index++) Assert.Equal(Entries[index], leaf.Entries[index]);
        Assert.Equal(2, leaf.Entries.FirstNotBelow(0x9000));
        Assert.Equal(5, leaf.Entries.FirstNotBelow(0x9001));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_only_leaf_knows_the_room_in_the_data_blocks(bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        AssertSound(DirectoryLeaf.TryOpen(Write("leaf1", in here), in here, out DirectoryLeaf leaf));
        Assert.True(leaf.IsOnly);
        Assert.Equal(Entries.Length, leaf.Entries.Count);
        Assert.Equal(Bests.Length, leaf.DataBlockCount);
        for (int index = 0; index < Bests.Length; index++) Assert.Equal(Bests[index], leaf.BestFree(index));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_comes_back_as_written(bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        AssertSound(DaNode.TryOpen(Write("node", in here), in here, out DaNode node));
        Assert.Equal(2, node.Level);
        Assert.Equal(isV5 ? 131ul : 0, node.Owner.Value);
        Assert.Equal(Children.Length, node.Count);
        for (int index = 0; index < Children.Length; index++) Assert.Equal(Children[index], node[index]);
        Assert.Equal(0, node.FirstNotBelow(0));
        Assert.Equal(1, node.FirstNotBelow(0x101));
        Assert.Equal(4, node.FirstNotBelow(0xf0000001));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_free_index_block_comes_back_as_written(bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        AssertSound(DirectoryFreeBlock.TryOpen(Write("free", in here), in here, out DirectoryFreeBlock free));
        Assert.Equal(isV5 ? 480u : 504u, free.FirstDataBlock);
        Assert.Equal(2, free.UsedCount);
        Assert.Equal(Bests.Length, free.Count);
        for (int index = 0; index < Bests.Length; index++) Assert.Equal(Bests[index], free[index]);
    }

    [Theory]
    [InlineData("leaf1")]
    [InlineData("leafn")]
    [InlineData("node")]
    [InlineData("free")]
    public void Every_flipped_bit_is_a_named_fault(string kind)
    {
        byte[] block = Write(kind, in V5);
        BlockWalk walk = WalkOf(kind);
        AssertSound(walk(block, in V5));
        Assert.Equal(-1, BlockDamage.FirstUnnoticedFlip(block, in V5, walk));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damage_under_a_right_checksum_is_refused_or_harmless(string kind, bool isV5)
    {
        BlockIdentity here = isV5 ? V5 : V4;
        int crcAt = !isV5 ? -1 : kind == "free" ? StampWriter.DirectoryCrcAt : StampWriter.DaCrcAt;
        byte[] block = Write(kind, in here);
        int refused = BlockDamage.Refused(block, in here, crcAt, seed: 5, rounds: 100_000, WalkOf(kind));
        Assert.InRange(refused, 10_000, 99_000);
    }

    [Theory]
    [InlineData("leafn", 56, 0xff, "count")]
    [InlineData("leafn", 59, 7, "stale")] // more than there are entries
    [InlineData("leafn", 59, 2, "stale")] // not as many as are stale
    [InlineData("leafn", 64, 0xff, "ents[1].hashval")]
    [InlineData("leaf1", 1020, 0x80, "bestcount")]
    [InlineData("leaf1", 1022, 0x01, "count")] // as many lengths as leave no room for the entries
    [InlineData("node", 56, 0xff, "count")]
    [InlineData("node", 57, 0, "count")]
    [InlineData("node", 59, 0, "level")]
    [InlineData("node", 59, 6, "level")]
    [InlineData("node", 80, 0, "btree[2].hashval")] // 0x9000 before it
    [InlineData("free", 48, 1, "firstdb")]
    [InlineData("free", 52, 1, "nvalid")]
    [InlineData("free", 59, 4, "nused")]
    public void Each_way_to_be_wrong_is_named(string kind, int at, byte value, string field)
    {
        byte[] block = Write(kind, in V5);
        block[at] = value;
        if (kind == "node" && at == 80) block[82] = 0x8f;
        if (kind == "leaf1" && at == 1022) block[1023] = 0xd0;
        Crc32c.Write(block, kind == "free" ? StampWriter.DirectoryCrcAt : StampWriter.DaCrcAt);
        Assert.Equal(field, WalkOf(kind)(block, in V5).Field);
    }

    [Theory]
    [InlineData("v5-node", DaBlockKind.Node)]
    [InlineData("v4-node", DaBlockKind.Node)]
    [InlineData("v5-leaf", DaBlockKind.DirectoryLeaf1)]
    [InlineData("v4-leafn", DaBlockKind.DirectoryLeafN)]
    [InlineData("v5-attribute-leaf", DaBlockKind.AttributeLeaf)]
    [InlineData("v5-block", DaBlockKind.Unknown)]
    public void A_hash_btree_block_says_what_it_is(string name, DaBlockKind kind)
    {
        Fixture fixture = Fixture.Read(name);
        Assert.Equal(kind, DaBlockInfo.KindOf(fixture.Block, fixture.IsV5));
        Assert.Equal(DaBlockKind.Unknown, DaBlockInfo.KindOf(fixture.Block, !fixture.IsV5));
        Assert.Equal(DaBlockKind.Unknown, DaBlockInfo.KindOf(fixture.Block.AsSpan(0, 11), fixture.IsV5));
    }

    private static byte[] Write(string kind, in BlockIdentity here) => kind switch
    {
        "leaf1" => DirectoryLeafWriter.WriteLeaf1(in here, 1024, Entries, Bests),
        "leafn" => DirectoryLeafWriter.WriteLeafN(in here, 1024, 8388615, 8388611, Entries),
        "node" => DirectoryLeafWriter.WriteNode(in here, 1024, 2, Children),
        _ => DirectoryLeafWriter.WriteFree(in here, 1024, here.HasCrc ? 480u : 504u, 2, Bests),
    };

    private static BlockWalk WalkOf(string kind) => kind switch
    {
        "node" => WalkNode,
        "free" => WalkFree,
        _ => WalkLeaf,
    };

    private static BlockFault WalkLeaf(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = DirectoryLeaf.TryOpen(block, in identity, out DirectoryLeaf leaf);
        uint last = 0;
        for (int index = 0; fault.IsNone && index < leaf.Entries.Count; index++)
        {
            Assert.True(leaf.Entries[index].Hash >= last);
            last = leaf.Entries[index].Hash;
        }

        for (int index = 0; fault.IsNone && index < leaf.DataBlockCount; index++) leaf.BestFree(index);
        return fault;
    }

    private static BlockFault WalkNode(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = DaNode.TryOpen(block, in identity, out DaNode node);
        for (int index = 0; fault.IsNone && index < node.Count; index++) Assert.NotEqual(0ul, node[index].Child.Value);
        return fault;
    }

    private static BlockFault WalkFree(ReadOnlySpan<byte> block, in BlockIdentity identity)
    {
        BlockFault fault = DirectoryFreeBlock.TryOpen(block, in identity, out DirectoryFreeBlock free);
        int sum = 0;
        for (int index = 0; fault.IsNone && index < free.Count; index++) sum += free[index];
        Assert.True(sum >= 0);
        return fault;
    }

    private static void AssertSound(BlockFault fault) => Assert.True(fault.IsNone, fault.ToString());
}
