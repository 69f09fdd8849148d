// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class LvmTests
{
    private const int AreaStart = 4096;
    private const int SlotAt = 40;

    private static readonly LvmAnswer Answer = new(Bundled.Folder, "lvm");

    [Fact]
    public void Every_segment_lies_where_LVM_says() => ToolChecks.SegmentsLieWhereLvmSays(Bundled.Folder);

    [Fact]
    public void The_bundled_metadata_wrap_around_the_end_of_their_area()
    {
        ReadOnlySpan<byte> area = Bundled.Bytes("lvm-a").AsSpan(AreaStart);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(area[(SlotAt - 8)..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(area[SlotAt..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(area[(SlotAt + 8)..]);
        Assert.True(offset < size && offset + length > size, "made anew without the case they are for");
    }

    [Theory]
    [InlineData("mirror", "LVM raid1: read one of its copies, vg0/mirror_rimage_0 or vg0/mirror_rimage_1")]
    [InlineData("thin", "LVM thin is not read offline: activate it and give its device")]
    [InlineData("pool", "LVM thin-pool is not read offline: activate it and give its device")]
    [InlineData("snapshot0", "LVM snapshot is not read offline: activate it and give its device")]
    [InlineData("old", "LVM snapshot: its content is partly in its origin")]
    public void What_cannot_be_mapped_is_named(string volume, string reason)
    {
        LayoutNode node = XfsMagic.Discover(Bundled.Disk("lvm-a"), Bundled.Disk("lvm-b")).Node($"vg0/{volume}");
        Assert.Null(node.Source);
        Assert.Equal(reason, node.Opaque);
    }

    [Fact]
    public void The_machinery_of_other_volumes_is_not_offered()
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("lvm-a"), Bundled.Disk("lvm-b"));
        Assert.Equal(
            ["vg0/linear", "vg0/striped", "vg0/both", "vg0/mirror_rimage_0", "vg0/mirror_rimage_1"],
            tree.Volumes.Select(v => v.Name));
        Assert.NotNull(tree.Select("vg0/pool_tdata").Volume);
    }

    [Fact]
    public void A_volume_that_spans_a_disk_not_given_says_which_it_needs()
    {
        MemoryBlockSource b = Bundled.Disk("lvm-b");
        LayoutTree tree = XfsMagic.Discover(b);
        string needed = Answer.PhysicalVolumes["a"].Uuid;
        Assert.Equal([needed], tree.Node("vg0/both").Missing);
        Assert.Equal([needed], tree.Node("vg0/linear").Missing);
        Assert.Contains($"needs PV uuid {needed}", tree.Node("vg0/both").Description, StringComparison.Ordinal);
        LayoutFault fault = Assert.Single(tree.Faults, f => f.Structure == "LVM volume group");
        Assert.Equal($"needs PV uuid {needed}", fault.Found);
        // The half that is there can be read.
        IBlockSource both = tree.Node("vg0/both").Source!;
        Assert.Equal(ReadFault.None, both.Read(14680064 - 512, new byte[512]));
        Assert.Equal((ReadFaultKind.Io, 14680064L), Short(both.Read(14680064 - 512, new byte[1024])));
    }

    [Fact]
    public void Faults_of_one_area_send_to_the_other()
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("lvm-a").Without(new ByteRange(AreaStart + 100, 1)));
        Assert.NotNull(tree.Node("vg0/linear").Source);
        LayoutFault fault = Assert.Single(tree.Faults, f => f.Structure == "LVM metadata header");
        Assert.Equal(LayoutFaultEffect.Recovered, fault.Effect);
    }

    // Goal: no single-bit error in what leads to the metadata, or in their text, is believed.
    [Theory]
    [InlineData(512, 512 + 160)] // the label and the identifiers behind it
    [InlineData(AreaStart, AreaStart + 64)]
    public void A_flipped_bit_is_a_fault_and_costs_nothing(int from, int to)
    {
        byte[] bytes = Bundled.Bytes("lvm-a");
        for (int bit = from * 8; bit < to * 8; bit += 3)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("a", bytes));
            bool isMagic = bit / 8 is >= 512 and < 520 or >= 536 and < 544;
            // Without its magic there is no label, and without a label no physical volume.
            if (isMagic) Assert.Empty(tree.VolumeGroups);
            else AssertSameVolumes(tree);
            if (!isMagic) Assert.Contains(tree.Faults, f => f.Effect == LayoutFaultEffect.Recovered);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8)); // restore
        }
    }

    [Fact]
    public void A_flipped_bit_of_the_text_is_a_fault_and_costs_nothing()
    {
        byte[] bytes = Bundled.Bytes("lvm-a");
        int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(AreaStart + SlotAt));
        for (int at = 0; at < 3000; at += 7)
        {
            bytes[AreaStart + offset + at] ^= 0x10;
            LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("a", bytes));
            AssertSameVolumes(tree);
            Assert.Equal("checksum", Assert.Single(tree.Faults, f => f.Structure == "LVM metadata").Field);
            bytes[AreaStart + offset + at] ^= 0x10; // restore
        }
    }

    [Fact]
    public void Without_any_metadata_the_fault_says_so()
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("lvm-b").Without(new ByteRange(AreaStart, 1 << 20)));
        Assert.Empty(tree.VolumeGroups);
        Assert.Contains(tree.Faults, f => f is
        {
            Structure: "LVM metadata header", Field: "read", Found: "lies in a given bad range",
            Effect: LayoutFaultEffect.Incomplete,
        });
    }

    [Fact]
    public void Metadata_of_a_volume_with_an_unreadable_label_are_found_where_they_always_are()
    {
        (IBlockSource a, IBlockSource b) = (Bundled.Disk("lvm-a"), Bundled.Disk("lvm-b"));
        LayoutTree tree = XfsMagic.Discover(b.Without(new ByteRange(512, 1)), a);
        AssertSameVolumes(tree);
        Assert.All(tree.Node("vg0").Children, v => Assert.Empty(v.Missing));
        LayoutFault fault = Assert.Single(tree.Faults);
        Assert.Equal(("LVM label", 512L, LayoutFaultEffect.Recovered), (fault.Structure, fault.Offset, fault.Effect));
    }

    [Fact]
    public void The_same_disk_given_twice_is_used_once()
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("lvm-a"), Bundled.Disk("lvm-b"), Bundled.Disk("lvm-b"));
        Assert.Single(tree.VolumeGroups);
        Assert.Equal("disk2 has the same UUID and is used", Assert.Single(tree.Faults).Found);
    }

    [Fact]
    public void A_filesystem_below_partition_and_volume_group_is_found_by_itself_and_reads_as_it_was_made() =>
        ToolChecks.TheNestedFilesystemReadsAsItWasMade(Bundled.Folder);

    private static void AssertSameVolumes(LayoutTree tree)
    {
        Assert.Equal(Answer.GroupUuid, Assert.Single(tree.VolumeGroups).Uuid);
        Assert.Equal(
            Answer.Segments.Select(s => $"vg0/{s.Volume}").Append("vg0/snapshot0").Distinct().Order(),
            tree.Node("vg0").Children.Select(v => v.Name).Order());
    }

    private static (ReadFaultKind Kind, long Offset) Short(ReadFault fault) => (fault.Kind, fault.Offset);
}
