// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class MbrTests
{
    private const int FirstLink = 4 << 20;

    [Theory]
    [InlineData("mbr")]
    [InlineData("mbr4096")]
    public void Partitions_are_where_parted_sees_them(string image) =>
        ToolChecks.PartitionsAreWherePartedSeesThem(Bundled.Folder, image);

    [Fact]
    public void An_unreadable_link_costs_what_is_behind_it_and_says_so()
    {
        MemoryBlockSource disk = Bundled.Disk("mbr");
        byte[] first = new byte[512];
        disk.Read(FirstLink, first);
        long second = FirstLink + (BinaryPrimitives.ReadUInt32LittleEndian(first.AsSpan(446 + 16 + 8)) * 512L);
        LayoutTree tree = XfsMagic.Discover(disk.Without(new ByteRange(second, 1)));
        Assert.Equal(["p1", "p5"], tree.Target.Children.Select(n => n.Name));
        LayoutFault fault = Assert.Single(tree.Faults);
        Assert.Equal((second, LayoutFaultEffect.Incomplete), (fault.Offset, fault.Effect));
    }

    [Theory]
    [InlineData(0)] // the first link names itself
    [InlineData(2048)] // the second does
    public void A_chain_that_runs_in_a_circle_ends(uint next)
    {
        byte[] bytes = new byte[8 << 20];
        Link(bytes, 0, (0x05, 2048, 8192));
        Link(bytes, 1 << 20, (0x83, 1, 100), (0x05, next, 1));
        Link(bytes, 2 << 20, (0x83, 1, 100), (0x05, 2048, 1));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(next == 0 ? 1 : 2, tree.Target.Children.Count);
        Assert.Equal("the chain runs in a circle", Assert.Single(tree.Faults).Found);
    }

    [Fact]
    public void A_chain_without_end_is_followed_as_far_as_Linux_does()
    {
        byte[] bytes = new byte[4 << 20];
        Link(bytes, 0, (0x05, 2, 8000));
        for (int i = 0; i < 4000; i++) Link(bytes, (2 + (i * 2)) * 512, (0x83, 1, 1), (0x05, (uint)(i + 1) * 2, 1));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Equal(256, tree.Target.Children.Count);
        Assert.Equal("p260", tree.Target.Children[^1].Name);
        Assert.Contains("longer than Linux follows", Assert.Single(tree.Faults).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_without_partitions_are_followed_a_hundred_times()
    {
        byte[] bytes = new byte[4 << 20];
        Link(bytes, 0, (0x05, 2, 8000));
        for (int i = 0; i < 4000; i++) Link(bytes, (2 + (i * 2)) * 512, (0x05, (uint)(i + 1) * 2, 1));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        Assert.Empty(tree.Target.Children);
        Assert.Contains("longer than Linux follows", Assert.Single(tree.Faults).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_code_that_ends_in_the_signature_is_no_table()
    {
        byte[] bytes = new byte[1 << 20];
        Link(bytes, 0, (0x83, 100, 100));
        bytes[446] = 0x42; // neither active nor not
        Assert.Empty(XfsMagic.Discover(new MemoryBlockSource("disk", bytes)).Target.Children);
    }

    [Fact]
    public void A_partition_past_the_end_is_named_and_not_readable()
    {
        byte[] bytes = new byte[1 << 20];
        Link(bytes, 0, (0x83, 4096, 100));
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("disk", bytes));
        LayoutNode node = Assert.Single(tree.Target.Children);
        Assert.Equal("it lies past the end of the disk", node.Opaque);
        Assert.Single(tree.Faults);
    }

    private static void Link(byte[] disk, int at, params (byte Type, uint Start, uint Count)[] entries)
    {
        Span<byte> sector = disk.AsSpan(at, 512);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = sector.Slice(446 + (i * 16), 16);
            entry[4] = entries[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[i].Count);
        }

        sector[510] = 0x55;
        sector[511] = 0xAA;
    }
}
