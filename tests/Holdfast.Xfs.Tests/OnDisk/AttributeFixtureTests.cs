// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.OnDisk;

/// <summary>Attributes and symlinks of real filesystems are read as xfs_db reads them.</summary>
public sealed class AttributeFixtureTests
{
    [Theory]
    [InlineData("v5-attribute-short", "parent user trusted security acl")]
    [InlineData("v4-attribute-short", "user trusted")]
    [InlineData("v4-types-attribute-short", "user trusted")]
    public void A_short_form_has_the_attributes_that_xfs_db_sees(string name, string kinds)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = AttributeShortForm.TryOpen(
            fixture.OpenInode().AttributeFork, out AttributeShortForm attributes);
        Assert.True(fault.IsNone, fault.ToString());
        string prefix = fixture.Prefix(".hdr.totsize");
        List<Dictionary<string, string>> wanted = fixture.Elements($"{prefix}.list");
        Assert.Equal(wanted.Count, attributes.Count);
        var found = new List<string>();
        foreach (AttributeEntry attribute in attributes)
        {
            Dictionary<string, string> fields = wanted[found.Count];
            Assert.Equal(fields["root"] == "1", attribute.Namespace == AttributeNamespace.Trusted);
            Assert.Equal(fields["secure"] == "1", attribute.Namespace == AttributeNamespace.Security);
            Assert.True(attribute.IsLocal);
            AssertNameAndValue(fields, attribute);
            found.Add(attribute.Kind);
        }

        Assert.Equal(kinds, string.Join(' ', found));
    }

    [Theory]
    [InlineData("v5-attribute-leaf")]
    [InlineData("large-attribute-leaf")]
    [InlineData("v4-attribute-leaf")]
    [InlineData("v4-types-attribute-leaf")]
    public void A_leaf_has_the_attributes_that_xfs_db_sees(string name)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = AttributeLeaf.TryOpen(fixture.Block, fixture.Identity, out AttributeLeaf leaf);
        Assert.True(fault.IsNone, fault.ToString());
        List<string[]> entries = fixture.Tuples("entries");
        List<Dictionary<string, string>> items = fixture.Elements("nvlist");
        Assert.NotEmpty(entries);
        Assert.Equal(entries.Count, leaf.Count);
        for (int index = 0; index < entries.Count; index++)
        {
            // hashval, nameidx, incomplete, root, secure, local, parent
            string[] wanted = entries[index];
            AttributeEntry attribute = leaf[index];
            Assert.Equal(Fixture.Number(wanted[0]), leaf.HashOf(index));
            Assert.Equal(wanted[2] == "1", attribute.IsIncomplete);
            Assert.Equal(wanted[3] == "1", attribute.Namespace == AttributeNamespace.Trusted);
            Assert.Equal(wanted[4] == "1", attribute.Namespace == AttributeNamespace.Security);
            Assert.Equal(wanted[5] == "1", attribute.IsLocal);
            Assert.Equal(wanted[6] == "1", attribute.Namespace == AttributeNamespace.Parent);
            AssertNameAndValue(items[index], attribute);
            if (attribute.IsLocal) continue;
            Assert.Equal(Fixture.Number(items[index]["valueblk"]), attribute.ValueBlock.Value);
            Assert.Equal(Fixture.Number(items[index]["valuelen"]), (ulong)attribute.ValueLength);
        }
    }

    // Goal: the two hashes are the ones that the kernel sorts by; a parent pointer's mixes the directory in.
    [Theory]
    [InlineData("v5-attribute-leaf", 24)]
    [InlineData("v4-attribute-leaf", 0)]
    public void Every_attribute_is_found_by_its_hash(string name, int parentPointersMin)
    {
        Fixture fixture = Fixture.Read(name);
        Assert.True(AttributeLeaf.TryOpen(fixture.Block, fixture.Identity, out AttributeLeaf leaf).IsNone);
        int parentPointers = 0;
        for (int index = 0; index < leaf.Count; index++)
        {
            uint hash = DirectoryName.Hash(leaf[index].Name);
            if (ParentPointer.TryOpen(leaf[index], out ParentPointer pointer).IsNone)
            {
                parentPointers++;
                hash = ParentPointer.Hash(hash, pointer.Parent);
            }

            Assert.Equal(leaf.HashOf(index), hash);
            Assert.InRange(leaf.FirstNotBelow(hash), 0, index);
        }

        Assert.InRange(parentPointers, parentPointersMin, parentPointersMin + 1);
    }

    [Fact]
    public void A_remote_value_is_read_block_by_block()
    {
        var value = new StringBuilder();
        for (int index = 0; index < 2; index++)
        {
            Fixture fixture = Fixture.Read($"v5-attribute-remote-{index}");
            BlockFault fault = AttributeRemoteValue.TryOpen(
                fixture.Block, fixture.Identity, index, valueLength: 5000, out AttributeRemoteValue part);
            Assert.True(fault.IsNone, fault.ToString());
            Assert.Equal(Fixture.Number(fixture.Value("hdr.offset")), (ulong)part.Offset);
            Assert.Equal(Fixture.Number(fixture.Value("hdr.bytes")), (ulong)part.Part.Length);
            value.Append(Encoding.ASCII.GetString(part.Part));
        }

        Assert.Equal(new string('0', 4999) + "7", value.ToString());
    }

    // Source of the second: xfs_db calls that checksum bad, because it reads one filesystem block of the two.
    [Theory]
    [InlineData("v5-symlink")]
    [InlineData("wide-symlink")]
    [InlineData("v4-symlink")]
    public void A_remote_target_is_read_by_extents(string name)
    {
        Fixture fixture = Fixture.Read(name);
        BlockFault fault = SymlinkBlock.TryOpen(
            fixture.Block, fixture.Identity, offset: 0, fixture.Size, out SymlinkBlock symlink);
        Assert.True(fault.IsNone, fault.ToString());
        Assert.Equal(new string('0', fixture.Size - 1) + "1", Encoding.ASCII.GetString(symlink.Part));
    }

    [Fact]
    public void A_short_target_is_in_the_inode()
    {
        Fixture fixture = Fixture.Read("v5-symlink-short");
        Inode inode = fixture.OpenInode();
        Assert.True(SymlinkTarget.TryOpen(inode.DataFork, inode.Size, out ReadOnlySpan<byte> target).IsNone);
        Assert.Equal(Fixture.Text(fixture.Value("u3.symlink")), target.ToArray());
    }

    private static void AssertNameAndValue(Dictionary<string, string> fields, in AttributeEntry attribute)
    {
        Assert.Equal(Fixture.Text(fields["name"]), attribute.Name.ToArray());
        Assert.Equal(Fixture.Number(fields["valuelen"]), (ulong)attribute.ValueLength);
        if (fields.TryGetValue("value", out string? value))
        {
            Assert.Equal(Fixture.Text(value), attribute.Value.ToArray());
        }
        bool isParent = fields.TryGetValue("parent_dir.inumber", out string? inode);
        BlockFault fault = ParentPointer.TryOpen(attribute, out ParentPointer pointer);
        Assert.Equal(isParent, fault.IsNone);
        if (!isParent) return;
        Assert.Equal(Fixture.Number(inode!), pointer.Parent.Value);
        Assert.Equal(Fixture.Number(fields["parent_dir.gen"]), pointer.Generation);
        Assert.Equal(attribute.Name.ToArray(), pointer.Name.ToArray());
    }
}
