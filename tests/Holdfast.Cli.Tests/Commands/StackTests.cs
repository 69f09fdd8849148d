// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
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

    /// <summary>Bad sector → file of the host → image → file of the guest → image in it → file of its guest.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs)]
    public void A_bad_sector_is_named_in_every_filesystem_above_it()
    {
        using var scratch = new Scratch("stack");
        using LoopMount host = Mounted(scratch.SparseFile("host.img", 1L << 30), scratch);
        using LoopMount guest = Mounted(Image(host, "vm/guest.img", 640L << 20), scratch);
        using LoopMount inner = Mounted(Image(guest, "images/inner.img", 320L << 20), scratch);
        ByteRange placed = WrittenFile.Create(inner.Point, "docs/thesis", 64 << 10, 7);
        foreach (LoopMount at in (LoopMount[])[inner, guest, host]) ProgramRun.Require("sync", "-f", at.Point);

        var bad = new ByteRange(placed.Offset + 8192, 4096);
        JsonElement down = Command.Run("stack", inner.DataDevice.Path, "--range", $"{bad}", "--json").Json();
        Assert.Empty(Schema.Check(down));
        JsonElement at0 = Behind(down, "below", "file", "loop", "file", "loop");
        Assert.Equal(host.DataDevice.Path, Text(at0, "name"));
        var lowest = new ByteRange(Offset(at0), 4096);
        using (FileStream bottom = File.OpenRead(host.DataDevice.Path))
        {
            byte[] bytes = new byte[4096];
            bottom.Position = lowest.Offset;
            bottom.ReadExactly(bytes);
            Assert.All(bytes, value => Assert.Equal(7, value));
        }

        JsonElement up = Command.Run("stack", host.DataDevice.Path, "--range", $"{lowest}", "--json").Json();
        Assert.Empty(Schema.Check(up));
        Assert.Equal("vm/guest.img", FileOf(up));
        JsonElement image = Behind(up, "above", "file");
        Assert.Equal($"{host.Point}/vm/guest.img", Text(image, "name"));
        JsonElement guestLoop = Behind(image, "above", "loop");
        Assert.Equal((guest.DataDevice.Path, "images/inner.img"), (Text(guestLoop, "name"), FileOf(guestLoop)));
        JsonElement innerLoop = Behind(guestLoop, "above", "file", "loop");
        Assert.Equal((bad.Offset, "docs/thesis"), (Offset(innerLoop), FileOf(innerLoop)));
        Assert.Equal(8192, Offset(innerLoop.GetProperty("files")[0]));

        ProgramRun drawn = Command.Run("stack", host.DataDevice.Path, "--range", $"{lowest}");
        Assert.Equal((0, ""), (drawn.ExitStatus, drawn.Errors));
        Assert.Contains("file docs/thesis: bytes 8192+4096\n", drawn.Text, StringComparison.Ordinal);
        Assert.Contains("file vm/guest.img: bytes ", drawn.Text, StringComparison.Ordinal);
        ProgramRun free = Command.Run("stack", inner.DataDevice.Path, "--range", "310M+4K");
        Assert.Contains("nothing that a file or the filesystem would miss", free.Text, StringComparison.Ordinal);
        ProgramRun metadata = Command.Run("stack", inner.DataDevice.Path, "--range", "0+512");
        Assert.Contains("1 piece of metadata", metadata.Text, StringComparison.Ordinal);
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

    private static LoopMount Mounted(string image, Scratch scratch)
    {
        ProgramRun.Require("mkfs.xfs", "-q", "-m", "rmapbt=1", image);
        return LoopMount.Writable(new(image), scratch);
    }

    private static string Image(LoopMount host, string name, long length)
    {
        string path = Path.Combine(host.Point, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = new(path, FileMode.CreateNew);
        file.SetLength(length);
        return path;
    }

    /// <summary>The way through what lies on one side, where there is one of each kind.</summary>
    private static JsonElement Behind(JsonElement node, string side, params ReadOnlySpan<string> kinds)
    {
        foreach (string kind in kinds)
        {
            node = Assert.Single(node.GetProperty(side).EnumerateArray(), next => Text(next, "kind") == kind);
        }

        return node;
    }

    private static string FileOf(JsonElement node) => Assert.Single(
        Assert.Single(node.GetProperty("files").EnumerateArray()).GetProperty("paths").EnumerateArray()).GetString()!;

    private static string Text(JsonElement node, string name) => node.GetProperty(name).GetString()!;

    private static long Offset(JsonElement node) => Assert.Single(node.GetProperty("ranges").EnumerateArray())
        .GetProperty("offset").GetInt64();
}
