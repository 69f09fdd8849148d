// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class LayoutTreeTests
{
    [Fact]
    public void A_filesystem_on_the_bare_disk_is_the_disk()
    {
        byte[] bytes = new byte[1 << 20];
        XfsMagic.Bytes.CopyTo(bytes);
        var disk = new MemoryBlockSource("image", bytes);
        LayoutTree tree = XfsMagic.Discover(disk);
        LayoutNode volume = tree.Select(null).Volume!;
        Assert.Same(disk, volume.Source);
        TranslatedRanges found = volume.FromDevice(disk, ByteRangeSet.From([new(100, 10), new((1 << 20) - 5, 10)]));
        Assert.Equal([new(100, 10), new((1 << 20) - 5, 5)], found.Inside);
        Assert.Equal([new(1 << 20, 5)], found.Outside);
    }

    [Fact]
    public void A_volume_is_chosen_by_name_or_index_or_identifier()
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("nested"));
        LayoutNode swap = tree.Node("system/swap");
        Assert.Equal(["p1", "system/swap", "system/root"], tree.Volumes.Select(v => v.Name));
        Assert.Same(swap, tree.Select("system/swap").Volume);
        Assert.Same(swap, tree.Select("2").Volume);
        Assert.Same(swap, tree.Select(swap.Uuid).Volume);
        Assert.Same(swap, tree.Select(swap.Uuid.Replace("-", "", StringComparison.Ordinal)).Volume);
        Assert.Null(tree.Select("4").Volume);
        Assert.Equal("no volume is called data; there are p1, system/swap, system/root", tree.Select("data").Reason);
        Assert.Equal(
            "system cannot be read here: choose one of system/swap, system/root", tree.Select("system").Reason);
    }

    [Fact]
    public void Two_filesystems_are_not_chosen_between()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        XfsMagic.Bytes.CopyTo(bytes.AsSpan(1 << 20));
        XfsMagic.Bytes.CopyTo(bytes.AsSpan(3 << 20));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal("2 filesystems found: p1, p2; choose one", tree.Select(null).Reason);
        Assert.Null(tree.Select(null).Volume);
        Assert.Equal("p2", tree.Select("p2").Volume!.Name);
    }

    [Fact]
    public void Without_a_filesystem_the_line_says_what_there_is()
    {
        Assert.Equal("no filesystem found; there are p1, p5, p6, p7",
            XfsMagic.Discover(Bundled.Disk("mbr")).Select(null).Reason);
        Assert.Equal("no filesystem found; there are disk",
            XfsMagic.Discover(new MemoryBlockSource("empty", Array.Empty<byte>())).Select(null).Reason);
    }

    [Fact]
    public void A_volume_whose_first_sector_is_bad_is_taken_if_nothing_else_can_be_meant()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        IBlockSource disk = new MemoryBlockSource("disk", bytes).Without(new ByteRange(3 << 20, 512));
        LayoutTree tree = XfsMagic.Discover(disk);
        Assert.Equal(LayoutContent.Unreadable, tree.Node("p2").Content);
        Assert.Equal("p2", tree.Select(null).Volume!.Name);
        Assert.NotEmpty(tree.Node("p2").Faults);
        XfsMagic.Bytes.CopyTo(bytes.AsSpan(1 << 20));
        Assert.Equal("p1", XfsMagic.Discover(disk).Select(null).Volume!.Name);
    }

    [Fact]
    public void Ranges_of_the_disk_are_clipped_to_the_volume_and_every_byte_is_accounted_for()
    {
        MemoryBlockSource disk = Bundled.Disk("nested");
        LayoutNode root = XfsMagic.Discover(disk).Node("system/root");
        ByteRange extent = root.Extent();
        var ranges = ByteRangeSet.From([new(0, 512), new(extent.Offset - 100, 300), new(extent.End - 50, 4096)]);
        TranslatedRanges found = root.FromDevice(disk, ranges);
        Assert.Equal([new(0, 200), new(extent.Length - 50, 50)], found.Inside);
        Assert.Equal([new(0, 512), new(extent.Offset - 100, 100), new(extent.End, 4046)], found.Outside);
        Assert.Equal(new(disk, new(extent.Offset + 7, 5)), root.ToDevices(new(7, 5)).Single());
    }

    [Fact]
    public void Bytes_outside_a_volume_are_named()
    {
        MemoryBlockSource disk = Bundled.Disk("nested");
        LayoutTree tree = XfsMagic.Discover(disk);
        ByteRange pv = tree.Node("p2").Extent();
        string p2 = "p2: partition 2 (GPT, Linux LVM)";
        Assert.Equal(
            [
                new(new(0, 512), "partition table (protective MBR)"),
                new(new(512, 512 * 33), "partition table (GPT)"),
                new(ByteRange.FromTo(512 * 34, 1 << 20), "not allocated"),
                new(new(1 << 20, 2 << 20), "p1: partition 1 (GPT, EFI system)"),
                new(new(pv.Offset, 512), p2),
                new(new(pv.Offset + 512, 512), "LVM label"),
                new(new(pv.Offset + 1024, 3072), p2),
                new(new(pv.Offset + 4096, (1 << 20) - 4096), "LVM metadata"),
                new(new(pv.Offset + (1 << 20), 4 << 20), "system/swap: logical volume (linear)"),
                new(new(pv.Offset + (5 << 20), 24 << 20), "system/root: logical volume (linear)"),
            ],
            tree.NameAreas(disk, ByteRangeSet.From([new(0, pv.Offset + (29 << 20))])));
        Assert.Equal(
            [
                new(new(disk.Length - 513, 513), "partition table (backup GPT)"),
                new(new(disk.Length, 100), "past the end of the disk"),
            ],
            tree.NameAreas(disk, ByteRangeSet.From([new(disk.Length - 513, 613)])));
    }

    [Fact]
    public void Faults_on_the_way_to_a_volume_are_those_of_what_it_lies_in()
    {
        byte[] bytes = Bundled.Bytes("nested");
        bytes[600] ^= 1; // the primary GPT
        IBlockSource disk = new MemoryBlockSource("disk", bytes).Without(new ByteRange(1 << 20, 512)); // p1
        LayoutTree tree = XfsMagic.Discover(disk);
        Assert.Contains(tree.Faults, f => f.Source == "disk: p1");
        Assert.Equal(["disk"], LayoutTree.FaultsOnTheWayTo(tree.Node("system/root")).Select(f => f.Source));
    }

    [Fact]
    public void Volumes_nested_without_end_are_followed_to_a_bound()
    {
        // Each array begins with the superblock of another.
        byte[] bytes = new byte[4 << 20];
        for (int depth = 39; depth >= 0; depth--)
        {
            byte[] member = bytes[(depth * 8192)..];
            new MdWriter { DataOffset = 8192, Size = member.Length - 8192 }.WriteVersion1(member, 2);
            member.AsSpan(4096, 4096).CopyTo(bytes.AsSpan((depth * 8192) + 4096));
        }

        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(9, tree.Walk().Count(n => n.Kind == LayoutKind.MdArray));
        Assert.Equal("volumes are nested too deep", Assert.Single(tree.Faults).Found);
    }

    [Fact]
    public void Volumes_of_one_name_are_told_apart()
    {
        LayoutTree tree = XfsMagic.Discover(
            Bundled.Disk("nested"), new MemoryBlockSource("clone", CloneWithAnotherIdentity()));
        Assert.Equal(["system", "system#2"], tree.VolumeGroups.Select(g => g.Name));
        Assert.Equal(["system#2/swap", "system#2/root"], tree.VolumeGroups[1].Children.Select(v => v.Name));
        Assert.Equal("2 filesystems found: system/root, system#2/root; choose one", tree.Select(null).Reason);
    }

    [Fact]
    public void What_is_not_looked_into_has_a_name()
    {
        byte[] bytes = Bundled.Bytes("gpt");
        "SWAPSPACE2"u8.CopyTo(bytes.AsSpan((1 << 20) + 4086));
        ((ReadOnlySpan<byte>)[.. "LUKS"u8, 0xBA, 0xBE]).CopyTo(bytes.AsSpan(3 << 20));
        ((ReadOnlySpan<byte>)[0x53, 0xEF]).CopyTo(bytes.AsSpan(11534336 + 1080));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(["Linux swap", "LUKS (encrypted)", "ext2/3/4"], tree.Volumes.Select(v => v.ContentName));
    }

    /// <summary>As vgimportclone does: the same names, other identifiers.</summary>
    private static byte[] CloneWithAnotherIdentity()
    {
        byte[] bytes = Bundled.Bytes("nested");
        var answer = new LvmAnswer(Bundled.Folder, "nested");
        int pv = 3 << 20;
        string uuid = answer.PhysicalVolumes["pv"].Uuid;
        LvmText.Replace(bytes, pv, uuid, Other(uuid));
        LvmText.Replace(bytes, pv, answer.GroupUuid, Other(answer.GroupUuid));
        LvmText.SetLabelUuid(bytes, pv, Other(uuid));
        return bytes;
    }

    private static string Other(string uuid) => (uuid[0] == 'A' ? "B" : "A") + uuid[1..];
}
