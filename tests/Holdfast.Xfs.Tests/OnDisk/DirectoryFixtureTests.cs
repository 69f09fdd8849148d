// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

/// <summary>Directories of real filesystems are read as xfs_db reads them: every entry, every index entry.</summary>
public sealed class DirectoryFixtureTests
{
    [Theory]
    [InlineData("v5-block", "bu")]
    [InlineData("v5-leaf-data", "du")]
    [InlineData("wide-block", "bu")]
    [InlineData("v4-block", "bu")]
    [InlineData("v4-leaf-data", "du")]
    [InlineData("v4-types-block", "bu")]
    [InlineData("v4-types-leaf-data", "du")]
    [InlineData("ci-block", "bu")]
    public void A_data_block_has_the_entries_that_xfs_db_sees(string name, string array)
    {
        Fixture fixture = Fixture.Read(name);
        DirectoryDataBlock block = Open(fixture);
        Assert.Equal(array == "bu", block.IsSingleBlock);
        List<Dictionary<string, string>> wanted =
            [.. fixture.Elements(array).Where(fields => fields.ContainsKey("inumber"))];
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Count, block.Count);
        int index = 0;
        foreach (DirectoryEntry entry in block)
        {
            Dictionary<string, string> fields = wanted[index++];
            Assert.Equal(Fixture.Number(fields["inumber"]), entry.Inode.Value);
            Assert.Equal(Fixture.Text(fields["name"]), entry.Name.ToArray());
            // On V4 xfs_db does not print the types; these directories hold only files.
            string known = entry.IsDot || entry.IsDotDot ? "2" : "1";
            ulong printed = Fixture.Number(fields.GetValueOrDefault("filetype", known));
            Assert.Equal(fixture.HasFileTypes ? printed : 0, (ulong)entry.FileType);
            Assert.Equal(Fixture.Number(fields["tag"]), (ulong)entry.Offset);
        }

        Assert.Equal(wanted.Count, index);
    }

    [Theory]
    [InlineData("v5-block", false)]
    [InlineData("wide-block", false)]
    [InlineData("v4-block", false)]
    [InlineData("v4-types-block", false)]
    [InlineData("ci-block", true)]
    public void Every_name_of_a_single_block_is_found_by_its_hash(string name, bool ignoringCase)
    {
        Fixture fixture = Fixture.Read(name);
        DirectoryDataBlock block = Open(fixture);
        AssertLeafEntries(fixture.Elements("bleaf"), block.Leaf);
        foreach (DirectoryEntry entry in block)
        {
            uint hash = ignoringCase ? DirectoryName.HashIgnoringCase(entry.Name) : DirectoryName.Hash(entry.Name);
            int index = block.Leaf.FirstNotBelow(hash);
            while (block.Leaf[index].FileOffset != entry.Offset) index++;
            Assert.Equal(hash, block.Leaf[index].Hash);
            Assert.True(block.TryGetEntry((int)block.Leaf[index].FileOffset, out DirectoryEntry found));
            Assert.Equal(entry.Inode, found.Inode);
        }
    }

    [Theory]
    [InlineData("v5-short", 4)]
    [InlineData("high-short", 8)]
    [InlineData("v4-short", 4)]
    [InlineData("v4-types-short", 4)]
    public void A_short_form_has_the_entries_that_xfs_db_sees(string name, int width)
    {
        Fixture fixture = Fixture.Read(name);
        ReadOnlySpan<byte> fork = fixture.OpenInode().DataFork[..fixture.Size];
        BlockFault fault = DirectoryShortForm.TryOpen(fork, fixture.HasFileTypes, out DirectoryShortForm directory);
        Assert.True(fault.IsNone, fault.ToString());
        string prefix = fixture.Prefix(".hdr.count");
        Assert.Equal(Fixture.Number(fixture.Value($"{prefix}.hdr.parent.i{width}")), directory.Parent.Value);
        Assert.Equal(width == 8, directory.HasWideInodes);
        List<Dictionary<string, string>> wanted = fixture.Elements($"{prefix}.list");
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Count, directory.Count);
        int index = 0;
        foreach (DirectoryEntry entry in directory)
        {
            Dictionary<string, string> fields = wanted[index++];
            Assert.Equal(Fixture.Number(fields[$"inumber.i{width}"]), entry.Inode.Value);
            Assert.Equal(Fixture.Text(fields["name"]), entry.Name.ToArray());
            ulong fileType = fixture.HasFileTypes ? Fixture.Number(fields["filetype"]) : 0;
            Assert.Equal(fileType, (ulong)entry.FileType);
            Assert.Equal(Fixture.Number(fields["offset"]), (ulong)entry.Offset);
        }

        Assert.Equal(wanted.Count, index);
    }

    [Theory]
    [InlineData("v5-leaf", true)]
    [InlineData("v5-leafn", false)]
    [InlineData("wide-leaf", true)]
    [InlineData("v4-leaf", true)]
    [InlineData("v4-leafn", false)]
    [InlineData("v4-types-leaf", true)]
    [InlineData("v4-types-leafn", false)]
    public void A_leaf_has_the_hashes_that_xfs_db_sees(string name, bool isOnly)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = DirectoryLeaf.TryOpen(fixture.Block, fixture.Identity, out DirectoryLeaf leaf);
        Assert.True(fault.IsNone, fault.ToString());
        Assert.Equal(isOnly, leaf.IsOnly);
        string info = fixture.IsV5 ? "lhdr.info.hdr" : "lhdr.info";
        Assert.Equal(Fixture.Number(fixture.Value($"{info}.forw")), leaf.Forward.Value);
        Assert.Equal(Fixture.Number(fixture.Value($"{info}.back")), leaf.Back.Value);
        Assert.Equal(Fixture.Number(fixture.Value("lhdr.stale")), (ulong)leaf.Entries.StaleCount);
        AssertLeafEntries(fixture.Elements("lents"), leaf.Entries);
        if (!isOnly) return;
        List<ushort> bests = fixture.Run("lbests", leaf.DataBlockCount);
        for (int index = 0; index < bests.Count; index++) Assert.Equal(bests[index], leaf.BestFree(index));
        Assert.Equal(bests.Count, leaf.DataBlockCount);
    }

    [Theory]
    [InlineData("v5-node", "nhdr", "nbtree")]
    [InlineData("v4-node", "nhdr", "nbtree")]
    [InlineData("v4-types-node", "nhdr", "nbtree")]
    [InlineData("v5-attribute-node", "hdr", "btree")]
    public void A_node_has_the_children_that_xfs_db_sees(string name, string header, string array)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = DaNode.TryOpen(fixture.Block, fixture.Identity, out DaNode node);
        Assert.True(fault.IsNone, fault.ToString());
        Assert.Equal(Fixture.Number(fixture.Value($"{header}.level")), (ulong)node.Level);
        List<string[]> wanted = fixture.Tuples(array);
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Count, node.Count);
        for (int index = 0; index < wanted.Count; index++)
        {
            Assert.Equal(Fixture.Number(wanted[index][0]), node[index].Hash);
            Assert.Equal(Fixture.Number(wanted[index][1]), node[index].Child.Value);
        }
    }

    [Theory]
    [InlineData("v5-free")]
    [InlineData("v4-free")]
    [InlineData("v4-types-free")]
    public void A_free_index_block_has_the_lengths_that_xfs_db_sees(string name)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = DirectoryFreeBlock.TryOpen(fixture.Block, fixture.Identity, out DirectoryFreeBlock free);
        Assert.True(fault.IsNone, fault.ToString());
        Assert.Equal(Fixture.Number(fixture.Value("fhdr.firstdb")), free.FirstDataBlock);
        Assert.Equal(Fixture.Number(fixture.Value("fhdr.nvalid")), (ulong)free.Count);
        Assert.Equal(Fixture.Number(fixture.Value("fhdr.nused")), (ulong)free.UsedCount);
        List<ushort> wanted = fixture.Run("fbests", free.Count);
        for (int index = 0; index < wanted.Count; index++) Assert.Equal(wanted[index], free[index]);
    }

    private static DirectoryDataBlock Open(Fixture fixture)
    {
        BlockFault fault = DirectoryDataBlock.TryOpen(
            fixture.Block, fixture.Identity, fixture.HasFileTypes, out DirectoryDataBlock block);
        Assert.True(fault.IsNone, fault.ToString());
        return block;
    }

    private static void AssertLeafEntries(List<Dictionary<string, string>> wanted, DirectoryLeafEntries entries)
    {
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Count, entries.Count);
        for (int index = 0; index < wanted.Count; index++)
        {
            Assert.Equal(Fixture.Number(wanted[index]["hashval"]), entries[index].Hash);
            Assert.Equal(Fixture.Number(wanted[index]["address"]), entries[index].Address);
        }
    }
}
