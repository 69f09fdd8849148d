// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Tests.Support;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Devices.Tests;

public sealed class MadeAnewTests
{
    // The bundled disks are what some release of the tools made once. These are what the tools at hand make today.
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "parted", "sgdisk", "vgcfgrestore", "python3")]
    public void Disks_made_by_the_tools_at_hand_read_as_those_tools_say()
    {
        using var scratch = new Scratch("layouts");
        ProgramRun.Require(Checkout.PathOf("tests", "Holdfast.Devices.Tests", "Fixtures", "make"), scratch.Folder);
        var folder = new DiskFolder(scratch.Folder);
        foreach (string image in (string[])["gpt", "gpt4096", "mbr", "mbr4096"])
        {
            ToolChecks.PartitionsAreWherePartedSeesThem(folder, image);
        }

        ToolChecks.SegmentsLieWhereLvmSays(folder);
        ToolChecks.TheNestedFilesystemReadsAsItWasMade(folder);
    }

    // Our writer could share our reader's mistakes: mdadm reads what it wrote.
    [RootTheory(Needs.None, "mdadm")]
    [InlineData("0.90", 1)]
    [InlineData("1.0", 1)]
    [InlineData("1.1", 1)]
    [InlineData("1.2", 1)]
    [InlineData("1.2", 5)]
    [InlineData("1.0", -1)]
    public void Mdadm_reads_what_the_tests_write(string version, int level)
    {
        byte[] member = new byte[(8 << 20) + 2560];
        var writer = new MdWriter { Level = level, RaidDisks = 3, Roles = [0, 1, 2], DeviceNumber = 1 };
        if (version == "0.90") writer.WriteVersion090(member);
        else writer.WriteVersion1(member, version[2] - '0');
        using var scratch = new Scratch("md");
        File.WriteAllBytes(scratch.PathOf("member"), member);
        string[] lines = ProgramRun.Require("mdadm", "--examine", scratch.PathOf("member")).Text.Split('\n');
        var answer = lines.Select(l => l.Split(" : ", 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0].Trim()).ToDictionary(g => g.Key, g => g.First()[1].Trim());

        Layouts.LayoutNode array = XfsMagic.Discover(new Sources.MemoryBlockSource("member", member)).Node("md");
        Assert.EndsWith("- correct", answer["Checksum"], StringComparison.Ordinal);
        Assert.StartsWith(version == "0.90" ? "0.90" : "1." , answer["Version"], StringComparison.Ordinal);
        Assert.StartsWith(array.Uuid, answer[version == "0.90" ? "UUID" : "Array UUID"], StringComparison.Ordinal);
        Assert.StartsWith($"md {answer["Raid Level"]}", array.Description, StringComparison.Ordinal);
        if (version != "0.90") Assert.Equal("Active device 1", answer["Device Role"]);
        if (version is "1.1" or "1.2" && level == 1)
        {
            Assert.Equal($"{array.Extent().Offset / 512} sectors", answer["Data Offset"]);
        }
    }

    [RootFact(Needs.None, "mdadm")]
    public void Mdadm_lists_the_bad_blocks_that_the_tests_write()
    {
        byte[] member = new byte[8 << 20];
        new MdWriter { BadBlocks = [(2048 + 100, 3)] }.WriteVersion1(member, 2);
        using var scratch = new Scratch("md");
        File.WriteAllBytes(scratch.PathOf("member"), member);
        string list = ProgramRun.Require("mdadm", "--examine-badblocks", scratch.PathOf("member")).Text;
        Assert.Matches(@"2148 for 3 sectors", list);
    }
}
