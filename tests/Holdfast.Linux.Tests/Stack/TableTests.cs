// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Stack;
using Holdfast.Testing;

namespace Holdfast.Linux.Tests.Stack;

/// <summary>Tables of device-mapper and sysfs trees of md, in the shapes of real machines.</summary>
public sealed class TableTests
{
    [Fact]
    public void A_logical_volume_of_two_segments()
    {
        MapperTable table = MapperTable.Parse("0 2097152 linear 8:2 2048\n2097152 1048576 linear 8:17 4096\n");
        Assert.Equal(["8:2", "8:17"], table.Members.Select(at => at.ToString()));
        StackPiece[] up = [.. table.Layer!.Up(1, new(4096 * 512, 512))];
        Assert.Equal(new ByteRange(2097152L * 512, 512), Assert.Single(up).Above);
    }

    [Theory]
    [InlineData("0 204800 crypt aes-xts-plain64 :64:logon:cryptsetup:abc 0 8:3 32768 1 allow_discards", "crypt", 1)]
    [InlineData("0 8192 striped 2 128 8:16 0 8:32 384", "striped", 2)]
    [InlineData("0 8192 mirror core 2 1024 nosync 2 8:16 0 8:32 0 1 handle_errors", "mirror", 2)]
    [InlineData("0 8192 multipath 0 0 1 1 service-time 0 2 2 8:16 1 1 8:32 1 1", "multipath", 2)]
    public void Targets_that_are_followed(string line, string kind, int members)
    {
        MapperTable table = MapperTable.Parse(line);
        Assert.Equal((kind, members, null), (table.Layer!.Kind, table.Members.Count, table.Opaque));
    }

    [Theory]
    [InlineData("0 8192 thin 253:4 1", "thin", 1)]
    [InlineData("0 8192 snapshot 253:3 253:4 P 8", "snapshot", 2)]
    [InlineData("0 8192 cache 253:1 253:2 8:16 128 1 writethrough smq 0", "cache", 3)]
    public void Targets_that_are_named(string line, string kind, int members)
    {
        MapperTable table = MapperTable.Parse(line);
        Assert.Equal((null, members, kind), (table.Layer, table.Members.Count, table.Opaque));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 8192")]
    [InlineData("x 8192 linear 8:1 0")]
    [InlineData("0 8192 linear 8:1")]
    [InlineData("0 8192 striped 2 128 8:16 0")]
    [InlineData("0 8192 striped 99999 128 8:16 0")]
    [InlineData("0 8192 mirror core 999999999 1024")]
    [InlineData("0 99999999999999999999 linear 8:1 0")]
    public void What_makes_no_sense_is_followed_nowhere(string text)
    {
        MapperTable table = MapperTable.Parse(text);
        Assert.Null(table.Layer);
        Assert.NotNull(table.Opaque);
    }

    [Fact]
    public void An_array_with_a_member_away_and_a_spare()
    {
        using var scratch = new Scratch("md");
        Write(scratch, "level", "raid5\n");
        Write(scratch, "raid_disks", "3\n");
        Write(scratch, "chunk_size", "524288\n");
        Write(scratch, "layout", "2\n");
        Write(scratch, "reshape_position", "none\n");
        Member(scratch, "sda1", "0", 264192);
        Member(scratch, "sdc1", "2", 264192);
        Member(scratch, "sdd1", "none", 264192);
        RaidArray array = RaidArray.Read(scratch.Folder, 1L << 30);
        Assert.Equal(["sda1", null, "sdc1"], array.Members);
        Assert.Equal((1, 1, null), (array.Missing, array.Layer!.Redundancy, array.Opaque));
        // The third member's first chunk is the parity of the first row.
        Assert.Empty(array.Layer.Up(2, new(264192 * 512, 512)));
        StackPiece piece = Assert.Single(array.Layer.Up(0, new((264192 * 512) + 524288, 512)));
        Assert.Equal(3 * 524288, piece.Above.Offset);

        Write(scratch, "reshape_position", "4096\n");
        Assert.Equal("raid5 that is being reshaped", RaidArray.Read(scratch.Folder, 1L << 30).Opaque);
        Write(scratch, "reshape_position", "none\n");
        Write(scratch, "layout", "19\n");
        Assert.Equal("raid5 in a layout that is not known", RaidArray.Read(scratch.Folder, 1L << 30).Opaque);
    }

    /// <summary>What bears no loss any more is there all the same.</summary>
    [Fact]
    public void Members_that_fail_are_filled_or_replaced()
    {
        using var scratch = new Scratch("md");
        Write(scratch, "level", "raid6\n");
        Write(scratch, "raid_disks", "4\n");
        Write(scratch, "chunk_size", "65536\n");
        Write(scratch, "layout", "2\n");
        Write(scratch, "array_state", "active\n");
        foreach ((string name, string slot, string state) in ((string, string, string)[])
            [
                ("sda", "0", "in_sync"), ("sdb", "1", "faulty,in_sync"), ("sdc", "2", "spare"),
                ("sdd", "3", "in_sync,want_replacement"), ("sde", "3", "replacement"), ("sdf", "none", "spare"),
                ("nvme0n1", "journal", "journal"),
            ])
        {
            Member(scratch, name, slot, 2048);
            Write(scratch, $"dev-{name}/state", state + "\n");
        }

        RaidArray array = RaidArray.Read(scratch.Folder, 1 << 30);
        Assert.Equal(["sda", "sdb", "sdc", "sdd"], array.Members);
        Assert.Equal((2, null), (array.Missing, array.Opaque));
        Write(scratch, "array_state", "inactive\n");
        Assert.Equal("raid6 that is not running", RaidArray.Read(scratch.Folder, 1 << 30).Opaque);
    }

    [Fact]
    public void Raid0_without_one_of_its_members_is_followed_nowhere()
    {
        using var scratch = new Scratch("md");
        Write(scratch, "level", "raid0\n");
        Write(scratch, "raid_disks", "2\n");
        Write(scratch, "chunk_size", "65536\n");
        Member(scratch, "sda", "0", 2048);
        Assert.Null(RaidArray.Read(scratch.Folder, 1 << 30).Layer);
        Member(scratch, "sdb", "1", 4096);
        StackLayer layer = RaidArray.Read(scratch.Folder, 1 << 30).Layer!;
        StackPiece piece = Assert.Single(layer.Down(new(65536, 512)));
        Assert.Equal(new StackPiece(1, new(4096 * 512, 512), new(65536, 512)), piece);
    }

    private static void Member(Scratch scratch, string name, string slot, long offset)
    {
        Directory.CreateDirectory(scratch.PathOf($"dev-{name}"));
        Write(scratch, $"dev-{name}/slot", slot + "\n");
        Write(scratch, $"dev-{name}/offset", $"{offset}\n");
        Write(scratch, $"dev-{name}/size", "524288\n");
    }

    private static void Write(Scratch scratch, string name, string text) =>
        File.WriteAllText(scratch.PathOf(name), text);
}
