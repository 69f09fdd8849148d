// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class MdTests
{
    private const int MemberSize = (8 << 20) + (5 * 512); // not a multiple of anything that md aligns to

    [Theory]
    [InlineData("1.0", 0)]
    [InlineData("1.1", 1 << 20)]
    [InlineData("1.2", 1 << 20)]
    [InlineData("0.90", 0)]
    public void A_mirrors_member_is_read_at_its_data_offset(string version, long dataOffset)
    {
        byte[] member = new byte[MemberSize];
        long place = Write(member, version, new());
        XfsMagic.Bytes.CopyTo(member.AsSpan((int)dataOffset));
        LayoutTree tree = Discover(member);
        Assert.Empty(tree.Faults);
        Assert.Equal(LayoutContent.MdMember, tree.Target.Content);
        LayoutNode array = tree.Select(null).Volume!;
        Assert.Equal("md", array.Name);
        Assert.Equal(dataOffset, array.Extent().Offset);
        Assert.Equal(dataOffset == 0 ? place : MemberSize - dataOffset, array.Source!.Length);
        Assert.Equal("raid1: 1 other member(s) hold a copy", array.Redundancy);
        Assert.Equal(array, tree.Select(array.Uuid.ToUpperInvariant()).Volume);
    }

    [Fact]
    public void A_superblock_of_the_other_byte_order_is_read_too()
    {
        byte[] member = new byte[MemberSize];
        new MdWriter().WriteVersion090(member, bigEndian: true);
        Assert.Equal("11223344:55667788:99aabbcc:ddeeff00", Discover(member).Node("md").Uuid);
    }

    // Goal: no single-bit error in a superblock is believed.
    [Theory]
    [InlineData("1.0", 260)]
    [InlineData("1.2", 260)]
    [InlineData("0.90", 4096)]
    public void Every_flipped_bit_is_a_fault_or_no_superblock(string version, int length)
    {
        byte[] member = new byte[1 << 20];
        int place = (int)Write(member, version, new() { DataOffset = 1 << 16 });
        for (int bit = place * 8; bit < (place + length) * 8; bit += version == "0.90" ? 7 : 1)
        {
            member[bit / 8] ^= (byte)(1 << (bit % 8));
            LayoutTree tree = Discover(member);
            Assert.NotEqual(LayoutContent.MdMember, tree.Target.Content);
            // A wrong magic or version is no superblock; everything else is a wrong one.
            int at = (bit / 8) - place;
            bool isNoSuperblock = at is < 8 or (>= 144 and < 152);
            if (!isNoSuperblock) Assert.Equal("md superblock", Assert.Single(tree.Faults).Structure);
            member[bit / 8] ^= (byte)(1 << (bit % 8)); // restore
        }
    }

    [Theory]
    [InlineData(-1, "linear")]
    [InlineData(0, "raid0")]
    [InlineData(5, "raid5")]
    [InlineData(6, "raid6")]
    [InlineData(10, "raid10")]
    public void Other_levels_are_named_and_not_read(int level, string name)
    {
        foreach (string version in (string[])["1.2", "0.90"])
        {
            byte[] member = new byte[MemberSize];
            Write(member, version, new() { Level = level, RaidDisks = 3, Roles = [0, 1, 2] });
            LayoutTree tree = Discover(member);
            Assert.Equal($"md {name} is not readable from one member", tree.Node("md").Opaque);
            Assert.Empty(tree.Volumes);
            Assert.Contains(name, tree.Select(null).Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0xFFFF, "spare")]
    [InlineData(0xFFFE, "faulty")]
    [InlineData(0xFFFD, "journal")]
    public void A_member_without_current_data_is_not_read(int role, string name)
    {
        byte[] member = new byte[MemberSize];
        Write(member, "1.2", new() { Roles = [(ushort)role, 1], Features = role == 0xFFFD ? 512u : 0 });
        Assert.Equal($"an md device that holds no current data ({name})", Discover(member).Node("md").Opaque);
    }

    [Fact]
    public void A_mirror_in_the_middle_of_a_reshape_is_not_read()
    {
        foreach (string version in (string[])["1.2", "0.90"])
        {
            byte[] member = new byte[MemberSize];
            Write(member, version, new() { Features = 4 });
            Assert.Equal("md raid1 in the middle of a reshape", Discover(member).Node("md").Opaque);
        }
    }

    [Fact]
    public void The_last_member_that_works_is_no_comfort()
    {
        byte[] member = new byte[MemberSize];
        Write(member, "1.2", new() { Roles = [0, 0xFFFE] });
        Assert.Equal("raid1, but no other member holds a copy", Discover(member).Node("md").Redundancy);
    }

    [Fact]
    public void What_the_members_own_list_calls_bad_is_not_believed()
    {
        byte[] member = new byte[MemberSize];
        // Counted from the start of the device: sector 2048 is byte 0 of the array.
        Write(member, "1.2", new() { BadBlocks = [(2048 + 100, 3), (2000, 10)] });
        LayoutTree tree = Discover(member);
        IBlockSource array = tree.Node("md").Source!;
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 100 * 512, 0), array.Read(0, new byte[1 << 20]));
        Assert.Equal(ReadFault.None, array.Read(0, new byte[100 * 512]));
        Assert.Equal(ReadFault.None, array.Read(103 * 512, new byte[1 << 20]));
        Assert.StartsWith("1536 bytes", Assert.Single(tree.Faults).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_never_rebuilt_is_not_believed()
    {
        byte[] member = new byte[MemberSize];
        Write(member, "1.1", new() { Features = 2, RecoverySectors = 1000 });
        LayoutTree tree = Discover(member);
        IBlockSource array = tree.Node("md").Source!;
        Assert.Equal(new ReadFault(ReadFaultKind.KnownBad, 512_000, 0), array.Read(0, new byte[1 << 20]));
        Assert.Equal("recovery_offset", Assert.Single(tree.Faults).Field);
    }

    [Fact]
    public void The_array_ends_where_it_says_not_where_the_member_does()
    {
        byte[] member = new byte[MemberSize];
        Write(member, "1.2", new() { Size = 3 << 20 });
        Assert.Equal(3 << 20, Discover(member).Node("md").Source!.Length);
    }

    // A superblock at the end of the last partition lies in the same place as one of the whole disk would.
    [Theory]
    [InlineData("1.0")]
    [InlineData("0.90")]
    public void A_member_partition_is_not_taken_for_a_member_disk(string version)
    {
        byte[] disk = Bundled.Bytes("mbr");
        ByteRange last = PartedAnswer.Partitions(Bundled.Lines("mbr")).Single(p => p.Name == "p7").Range;
        byte[] member = disk.AsSpan((int)last.Offset, (int)last.Length).ToArray();
        XfsMagic.Bytes.CopyTo(member);
        Write(member, version, new());
        member.CopyTo(disk, last.Offset);
        LayoutTree tree = Discover(disk);
        Assert.Equal("p7/md", tree.Select(null).Volume!.Name);
        Assert.Equal(LayoutContent.PartitionTable, tree.Target.Content);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.90")]
    public void A_member_disk_is_not_taken_for_its_partitions(string version)
    {
        byte[] disk = Bundled.Bytes("mbr");
        Write(disk, version, new());
        LayoutTree tree = Discover(disk);
        Assert.Equal(LayoutContent.MdMember, tree.Target.Content);
        Assert.Equal(["md/p1", "md/p5", "md/p6", "md/p7"], tree.Node("md").Children.Select(c => c.Name));
    }

    [Fact]
    public void Both_members_of_a_mirror_count_as_one_filesystem_and_the_target_is_meant()
    {
        byte[] first = new byte[MemberSize];
        byte[] second = new byte[MemberSize];
        Write(first, "1.2", new());
        Write(second, "1.2", new() { DeviceNumber = 1 });
        XfsMagic.Bytes.CopyTo(first.AsSpan(1 << 20));
        XfsMagic.Bytes.CopyTo(second.AsSpan(1 << 20));
        LayoutTree tree = XfsMagic.Discover(
            new MemoryBlockSource("second", second), new MemoryBlockSource("first", first));
        Assert.Equal(2, tree.Volumes.Count(v => v.IsFilesystem));
        DeviceRange below = Assert.Single(tree.Select(null).Volume!.ToDevices(new(0, 1)));
        Assert.Same(tree.Target.Source, below.Device);
    }

    [Fact]
    public void A_volume_group_on_a_mirror_is_found_through_it_and_has_its_copies()
    {
        byte[] group = Bundled.Bytes("lvm-b");
        byte[] member = new byte[group.Length + (2 << 20)];
        Write(member, "1.2", new() { Size = group.Length });
        group.CopyTo(member, 1 << 20);
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("member", member), Bundled.Disk("lvm-a"));
        Assert.Empty(tree.Faults);
        Assert.NotNull(tree.Node("vg0/mirror_rimage_1").Redundancy);
        Assert.Null(tree.Node("vg0/both").Redundancy); // a part of it lies on a plain disk
        var answer = new LvmAnswer(Bundled.Folder, "lvm");
        (_, long offset) = answer.Locate(answer.Segments.Single(s => s.Volume == "mirror_rimage_1"), 12345);
        DeviceRange below = tree.Node("vg0/mirror_rimage_1").ToDevices(new(12345, 1)).Single();
        Assert.Equal((1 << 20) + offset, below.Range.Offset);
    }

    private static LayoutTree Discover(byte[] disk) => XfsMagic.Discover(new MemoryBlockSource("disk", disk));

    private static long Write(byte[] member, string version, MdWriter writer) =>
        version == "0.90" ? writer.WriteVersion090(member) : writer.WriteVersion1(member, version[2] - '0');
}
