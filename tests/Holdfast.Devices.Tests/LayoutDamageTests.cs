// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests;

public sealed class LayoutDamageTests
{
    // Goal: wherever one sector of a layout is bad, the volumes are found or a fault names the place.
    // Method: every sector that the layout was read from, in turn, given as bad.
    [Theory]
    [InlineData("gpt")]
    [InlineData("gpt4096")]
    [InlineData("mbr")]
    [InlineData("lvm-a")]
    [InlineData("lvm-b")]
    [InlineData("nested")]
    public void One_bad_sector_costs_nothing_or_is_named(string image)
    {
        MemoryBlockSource disk = Bundled.Disk(image);
        var reads = new ReadLog(disk);
        string[] wanted = [.. XfsMagic.Discover(reads).Walk().Select(n => n.Name)];
        Assert.True(reads.Sectors.Count > 10);
        foreach (long sector in reads.Sectors)
        {
            LayoutTree tree = XfsMagic.Discover(disk.Without(new ByteRange(sector * 512, 512)));
            string[] found = [.. tree.Walk().Select(n => n.Name)];
            if (wanted.SequenceEqual(found)) continue;
            Assert.Contains(tree.Faults, f => f.Found == "lies in a given bad range");
        }
    }

    // Goal: nothing that stands on a disk makes the reader throw, loop or hang.
    // Method: random bytes changed where the layout was read from. What checksums hold back is in the tests below.
    [Theory]
    [InlineData("gpt", 1)]
    [InlineData("mbr", 2)]
    [InlineData("lvm-a", 3)]
    [InlineData("nested", 4)]
    public void Random_damage_ends_in_an_answer(string image, int seed)
    {
        byte[] bytes = Bundled.Bytes(image);
        var disk = new MemoryBlockSource(image, bytes);
        var reads = new ReadLog(disk);
        XfsMagic.Discover(reads);
        long[] sectors = [.. reads.Sectors];
        var random = new Random(seed);
        for (int round = 0; round < 1000; round++)
        {
            var changes = new List<(long At, byte Was)>();
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                long at = (sectors[random.Next(sectors.Length)] * 512) + random.Next(512);
                changes.Add((at, bytes[at]));
                bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
            }

            LayoutTree tree = XfsMagic.Discover(disk);
            foreach (LayoutNode node in tree.Volumes) Assert.True(node.Source!.Length > 0);
            for (int i = changes.Count - 1; i >= 0; i--) bytes[changes[i].At] = changes[i].Was;
        }
    }

    // Goal: LVM metadata that are believed, for their checksum is right, and yet make no sense, end in an answer.
    [Fact]
    public void Nonsense_under_a_right_checksum_ends_in_an_answer()
    {
        byte[] bytes = Bundled.Bytes("lvm-b");
        (int start, int length) = LvmText.PlaceOf(bytes);
        byte[] pristine = bytes[..(start + length)];
        var disk = new MemoryBlockSource("lvm-b", bytes);
        var random = new Random(5);
        int mapped = 0;
        for (int round = 0; round < 2000; round++)
        {
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                ReadOnlySpan<byte> alphabet = "0123456789{}[]\"=,#-. \n\\av"u8;
                bytes[start + random.Next(length)] = alphabet[random.Next(alphabet.Length)];
            }

            LvmText.Seal(bytes, start, length);
            mapped += XfsMagic.Discover(disk).Volumes.Count(v => v.Kind == LayoutKind.LogicalVolume);
            pristine.CopyTo(bytes, 0);
        }

        // Most of the damage does not reach most of the volumes: the seal was right.
        Assert.True(mapped > 2000, $"{mapped}");
    }

    [Theory]
    [InlineData("extent_size = 2048", "extent_size = 4294967295", "")]
    [InlineData("extent_size = 2048", "extent_size = 0", "extent_size")]
    [InlineData("seqno = ", "seqno = -", "seqno")]
    [InlineData("pe_count = 31", "pe_count = 12", "both")]
    [InlineData("start_extent = 14", "start_extent = 13", "both")]
    [InlineData("stripe_size = 128", "stripe_size = 127", "striped")]
    public void Numbers_that_contradict_each_other_are_faults(string right, string wrong, string field)
    {
        byte[] bytes = Bundled.Bytes("lvm-b");
        LvmText.Replace(bytes, 0, right, wrong);
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("lvm-b", bytes), Bundled.Disk("lvm-b"));
        if (field.Length == 0) Assert.DoesNotContain(tree.Faults, f => f.Structure == "LVM metadata");
        else Assert.Contains(tree.Faults, f => f.Field == field);
    }

    // A hostile text can name one volume a hundred thousand times.
    [Fact]
    public void A_group_of_more_volumes_than_can_be_is_refused_as_a_whole()
    {
        byte[] bytes = new byte[24 << 20];
        Bundled.Bytes("lvm-b").AsSpan(0, 1 << 20).CopyTo(bytes);
        bytes.AsSpan(4096, 512)[34] = 0xFF; // the area reaches over most of the disk now
        const string Volume = "v { segment1 { start_extent = 0 extent_count = 1 type = \"error\" } }\n";
        string many = "logical_volumes {" + string.Concat(Enumerable.Repeat(Volume, 100_000));
        LvmText.Replace(bytes, 0, "logical_volumes {", many);
        LayoutTree tree = XfsMagic.Discover(new MemoryBlockSource("lvm-b", bytes));
        Assert.Empty(tree.Node("vg0").Children);
        Assert.Contains(tree.Faults, f => f.Found == "there are too many");
    }

    /// <summary>Remembers which sectors were asked for.</summary>
    private sealed class ReadLog(IBlockSource inner) : IBlockSource
    {
        public SortedSet<long> Sectors { get; } = [];

        public string Name => inner.Name;

        public long Length => inner.Length;

        public int SectorSize => inner.SectorSize;

        public ReadFault Read(long offset, Span<byte> buffer)
        {
            for (long sector = offset / 512; sector * 512 < offset + buffer.Length; sector++) Sectors.Add(sector);
            return inner.Read(offset, buffer);
        }

        public void Dispose() => inner.Dispose();
    }
}
