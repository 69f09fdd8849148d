// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class GptTests
{
    private const int EntriesLength = 128 * 128;

    [Theory]
    [InlineData("gpt")]
    [InlineData("gpt4096")] // as an image, which does not tell its sectors' size
    public void Partitions_are_where_parted_sees_them(string image) =>
        ToolChecks.PartitionsAreWherePartedSeesThem(Bundled.Folder, image);

    [Fact]
    public void Names_and_types_and_identifiers_are_told()
    {
        LayoutNode pv = XfsMagic.Discover(Bundled.Disk("gpt")).Node("p2");
        Assert.Equal("partition 2 (GPT, Linux LVM, \"the data\")", pv.Description);
        Assert.True(Guid.TryParse(pv.Uuid, out Guid uuid) && uuid != Guid.Empty);
    }

    // Goal: no single-bit error in the primary header goes unseen or costs a partition.
    [Fact]
    public void Every_flipped_bit_of_the_primary_header_sends_to_the_backup()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        var wanted = PartedAnswer.Partitions(Bundled.Lines("gpt")).ToList();
        for (int bit = 512 * 8; bit < (512 + 92) * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("gpt", bytes));
            Assert.Equal(wanted, Partitions(tree));
            LayoutFault fault = Assert.Single(tree.Faults);
            Assert.Equal(("GPT header", 512L), (fault.Structure, fault.Offset));
            Assert.Equal(LayoutFaultEffect.Recovered, fault.Effect);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8)); // restore
        }
    }

    [Theory]
    [InlineData("header")]
    [InlineData("entries")]
    [InlineData("header+backup entries")]
    [InlineData("backup header+entries")]
    [InlineData("mbr")]
    public void Any_sound_header_goes_with_any_sound_entries(string bad)
    {
        MemoryBlockSource disk = Bundled.Disk("gpt");
        ByteRange[] ranges = [.. bad.Split('+').Select(part => Part(part, disk.Length))];
        LayoutTree tree = XfsMagic.Discover(disk.Without(ranges));
        Assert.Equal(PartedAnswer.Partitions(Bundled.Lines("gpt")), Partitions(tree));
        Assert.All(tree.Faults, f => Assert.Equal(LayoutFaultEffect.Recovered, f.Effect));
        if (bad != "mbr") Assert.Contains(tree.Faults, f => f.Found == "lies in a given bad range");
    }

    [Theory]
    [InlineData("header+backup header")]
    [InlineData("entries+backup entries")]
    public void Without_a_sound_pair_the_table_is_lost_and_said_to_be(string bad)
    {
        MemoryBlockSource disk = Bundled.Disk("gpt");
        LayoutTree tree = XfsMagic.Discover(disk.Without([.. bad.Split('+').Select(part => Part(part, disk.Length))]));
        Assert.Empty(Partitions(tree));
        Assert.True(tree.Faults.Count >= 2);
        Assert.All(tree.Faults, f => Assert.Equal(LayoutFaultEffect.Incomplete, f.Effect));
        Assert.Null(tree.Select(null).Volume);
    }

    [Fact]
    public void Changed_entries_send_to_the_backup()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        for (int at = 1024; at < 1024 + (5 * 128); at += 3)
        {
            bytes[at] ^= 0x40;
            LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("gpt", bytes));
            Assert.Equal(PartedAnswer.Partitions(Bundled.Lines("gpt")), Partitions(tree));
            Assert.Equal("PartitionEntryArrayCRC32", Assert.Single(tree.Faults).Field);
            bytes[at] ^= 0x40; // restore
        }
    }

    [Fact]
    public void A_stale_gpt_behind_a_plain_mbr_does_not_count()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        Bundled.Bytes("mbr").AsSpan(0, 512).CopyTo(bytes);
        Assert.Equal(["p1"], Partitions(XfsMagic.Discover(new MemoryBlockSource("disk", bytes))).Select(p => p.Name));
    }

    [Fact]
    public void A_wiped_first_sector_is_reported_and_the_table_still_found()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        bytes.AsSpan(0, 512).Clear();
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(3, Partitions(tree).Count());
        Assert.Equal("protective MBR", Assert.Single(tree.Faults).Structure);
    }

    [Fact]
    public void A_copy_on_a_larger_disk_finds_its_backup_by_the_protective_mbr()
    {
        byte[] bytes = [.. Bundled.Bytes("gpt"), .. new byte[5 << 20]];
        bytes.AsSpan(512, 512).Clear();
        Assert.Equal(3, Partitions(XfsMagic.Discover(new MemoryBlockSource("disk", bytes))).Count());
    }

    [Fact]
    public void In_a_cut_off_image_partitions_keep_their_length_and_the_rest_cannot_be_read()
    {
        byte[] bytes = Bundled.Bytes("gpt")[..(16 << 20)];
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(PartedAnswer.Partitions(Bundled.Lines("gpt")), Partitions(tree));
        Assert.Equal(("partition 5", "end"), (tree.Faults[0].Structure, tree.Faults[0].Field));
        IBlockSource cut = tree.Node("p5").Source!;
        long missing = (16 << 20) - 11534336;
        Assert.Equal(ReadFault.None, cut.Read(missing - 512, new byte[512]));
        Assert.Equal(new(ReadFaultKind.PastEnd, missing, 0), cut.Read(missing - 512, new byte[1024]));
    }

    private static IEnumerable<(string Name, ByteRange Range)> Partitions(LayoutTree tree) =>
        tree.Target.Children.Select(n => (n.Name, n.Extent()));

    private static ByteRange Part(string name, long length) => name switch
    {
        "mbr" => new(100, 1),
        "header" => new(512 + 20, 1),
        "entries" => new(1024 + 300, 1),
        "backup header" => new(length - 512, 512),
        "backup entries" => new(length - 512 - EntriesLength, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
