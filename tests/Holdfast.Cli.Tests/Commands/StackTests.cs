// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>`holdfast stack` of devices that this kernel has: a partition of a loop device, mounted.</summary>
public sealed class StackTests
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "stack.schema.json"));

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "addpart")]
    public void A_range_is_carried_through_partition_and_loop_both_ways()
    {
        using var scratch = new Scratch("stack");
        string filesystem = XfsGeometry.Named("default").MakeFilesystem(scratch).Data;
        string image = scratch.SparseFile("disk.img", 400L << 20);
        ProgramRun.Require("dd", $"if={filesystem}", $"of={image}", "bs=1M", "seek=1", "conv=notrunc,sparse");
        using LoopDevice disk = LoopDevice.Attach(image, readOnly: false, hasPartitions: true);
        ProgramRun.Require("addpart", disk.Path, "1", "2048", $"{320 << 11}");
        string partition = $"{disk.Path}p1";
        string point = scratch.PathOf("point");
        Directory.CreateDirectory(point);
        ProgramRun.Require("mount", "-t", "xfs", partition, point);
        try
        {
            JsonElement up = Command.Run("stack", image, "--range", "2M+4K", "--json").Json();
            Assert.Empty(Schema.Check(up));
            JsonElement loop = Assert.Single(up.GetProperty("above").EnumerateArray());
            Assert.Equal((disk.Path, "loop"), (Text(loop, "name"), Text(loop, "kind")));
            Assert.Equal(2 << 20, Offset(loop));
            JsonElement above = Assert.Single(loop.GetProperty("above").EnumerateArray());
            Assert.Equal((partition, $"xfs mounted at {point}"), (Text(above, "name"), Text(above, "mounted")));
            Assert.Equal(1 << 20, Offset(above));

            foreach (string name in (string[])[partition, point])
            {
                JsonElement down = Command.Run("stack", name, "--range", "1M+4K", "--json").Json();
                Assert.Empty(Schema.Check(down));
                JsonElement below = Assert.Single(down.GetProperty("below").EnumerateArray());
                Assert.Equal((disk.Path, 2 << 20), (Text(below, "name"), Offset(below)));
                JsonElement file = Assert.Single(below.GetProperty("below").EnumerateArray());
                Assert.Equal((image, "file", 2 << 20), (Text(file, "name"), Text(file, "kind"), Offset(file)));
            }

            ProgramRun drawn = Command.Run("stack", disk.Path, "--range", "2M+4K", "--range", "0+512");
            Assert.Equal((0, ""), (drawn.ExitStatus, drawn.Errors));
            Assert.Contains($"└─ {partition}  partition, 320.0 MiB", drawn.Text, StringComparison.Ordinal);
            Assert.Contains("bytes 1048576+4096", drawn.Text, StringComparison.Ordinal);
        }
        finally
        {
            ProgramRun.Require("umount", point);
            ProgramRun.Require("delpart", disk.Path, "1");
        }
    }

    [Theory]
    [InlineData("/no/such/device")]
    [InlineData("/")]
    [InlineData("/dev/null")]
    public void What_is_no_device_is_said_to_be_none(string name)
    {
        ProgramRun run = Command.Run("stack", name);
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains("no block device", run.OnlyError(), StringComparison.Ordinal);
    }

    private static string Text(JsonElement node, string name) => node.GetProperty(name).GetString()!;

    private static long Offset(JsonElement node) => Assert.Single(node.GetProperty("ranges").EnumerateArray())
        .GetProperty("offset").GetInt64();
}
