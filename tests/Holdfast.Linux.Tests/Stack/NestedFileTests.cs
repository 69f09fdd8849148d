// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Stack;

/// <summary>
/// Goal: bytes of a file in a filesystem in a file in a filesystem are found on the lowest device, and from there back.
/// Method: three filesystems in one another, real ones; what was written at the top is read at the bottom.
/// </summary>
public sealed class NestedFileTests
{
    private const long MiB = 1 << 20;

    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, "mkfs.ext4", "fallocate")]
    [InlineData("xfs")]
    [InlineData("ext4")]
    public void What_is_written_at_the_top_is_read_at_the_bottom(string hostType)
    {
        using var scratch = new Scratch("nested");
        using var host = NestedFilesystem.On(scratch.SparseFile("host.img", 800 * MiB), scratch, hostType);
        string image = Fragmented(host.Point, "guest.img", 560 * MiB);
        using var guest = NestedFilesystem.On(image, scratch, "xfs");
        // What is shared with a copy lies where it did.
        if (hostType == "xfs") ProgramRun.Require("cp", "--reflink=always", image, image + ".copy");
        byte[] marked = guest.Write("marked", 3 * MiB, 1);
        string inner = Fragmented(guest.Point, "inner.img", 340 * MiB);
        using var innermost = NestedFilesystem.On(inner, scratch, "xfs");
        byte[] deep = innermost.Write("deep", 5 * MiB, 2);
        foreach (NestedFilesystem filesystem in (NestedFilesystem[])[innermost, guest, host]) filesystem.Sync();

        Assert.Equal(marked, ReadLowest(guest, "marked", host));
        Assert.Equal(deep, ReadLowest(innermost, "deep", host));
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void What_goes_down_through_files_comes_up_again()
    {
        using var scratch = new Scratch("nested");
        using var host = NestedFilesystem.On(scratch.SparseFile("host.img", 700 * MiB), scratch, "xfs");
        using var guest = NestedFilesystem.On(Fragmented(host.Point, "guest.img", 480 * MiB), scratch, "xfs");
        guest.Write("marked", 9 * MiB, 1);
        guest.Sync();
        host.Sync();
        StackNode bottom = DeviceGraph.Of(host.Device, KernelRoots.Real, _ => null)!;
        StackNode file = Assert.Single(bottom.Above, at => at.Kind == "file");
        StackNode loop = Assert.Single(file.Above);
        Assert.Equal((Path.Combine(host.Point, "guest.img"), guest.Device), (file.Name, loop.Name));

        var random = new Random(11);
        ByteRangeSet placed = guest.PlacesOf("marked");
        for (int i = 0; i < 100; i++)
        {
            ByteRange extent = placed[random.Next(placed.Count)];
            long offset = random.NextInt64(extent.Length);
            var asked = ByteRangeSet.From(
                [new(extent.Offset + offset, random.NextInt64(1, extent.Length - offset + 1))]);
            LowestPlaces lowest = LowestPlaces.Of(guest.Block, asked, KernelRoots.Real, host.Is);
            Assert.Equal(asked, ByteRangeSet.From(lowest.Places.Select(at => at.Above)));
            var below = ByteRangeSet.From(lowest.Places.Select(at => at.Below));
            Assert.Equal(below, StackRanges.Down(file, 0, StackRanges.Down(loop, 0, asked)!));
            Assert.Equal(asked, StackRanges.Up(file, loop, StackRanges.Up(bottom, file, below)!));
        }
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void A_hole_stays_with_the_device_above_it()
    {
        using var scratch = new Scratch("nested");
        using var host = NestedFilesystem.On(scratch.SparseFile("host.img", 320 * MiB), scratch, "xfs");
        string image = Path.Combine(host.Point, "image");
        using (FileStream file = new(image, FileMode.CreateNew)) file.SetLength(8 * MiB);
        ProgramRun.Require("fallocate", "--offset", $"{MiB}", "--length", $"{MiB}", image);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: true);
        BlockDevice device = BlockDevice.At(loop.Path, KernelRoots.Real)!;
        var asked = ByteRangeSet.From([new(0, 100 * MiB)]);
        LowestPlaces lowest = LowestPlaces.Of(device, asked, KernelRoots.Real, host.Is);
        Assert.Equal([new(0, MiB), new(2 * MiB, 98 * MiB)], lowest.Kept);
        Assert.Equal(MiB, lowest.Places.Sum(at => at.Below.Length));
        Assert.All(lowest.Places, at => Assert.Equal(host.Device, at.Device.Node));
        Assert.Equal($"path:{scratch.PathOf("host.img")}", lowest.Places[0].Identity.Identity);
        // Without a word the way goes on, to where the host's image lies.
        LowestPlaces further = LowestPlaces.Of(device, asked, KernelRoots.Real);
        Assert.DoesNotContain(further.Places, at => at.Device.Node == device.Node);
        Assert.True(further.Kept.Contains(new(2 * MiB, 98 * MiB)));
    }

    /// <summary>Its file was replaced: what goes by the name now is another one.</summary>
    [RootFact]
    public void A_file_that_lost_its_name_is_not_taken_for_another()
    {
        using var scratch = new Scratch("nested");
        string image = scratch.SparseFile("image", 4 * MiB);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: true);
        BlockDevice device = BlockDevice.At(loop.Path, KernelRoots.Real)!;
        File.Delete(image);
        string other = scratch.SparseFile("image (deleted)", 4 * MiB);
        StackNode node = DeviceGraph.Of(loop.Path, KernelRoots.Real, _ => null)!;
        StackNode file = Assert.Single(node.Below)!;
        Assert.Equal((other, null), (file.Name, file.Layer));
        Assert.Contains("no name", file.Opaque, StringComparison.Ordinal);
        Assert.Empty(DeviceGraph.Of(other, KernelRoots.Real, _ => null)!.Above);
        var asked = ByteRangeSet.From([new(0, 4096)]);
        Assert.Equal(asked, LowestPlaces.Of(device, asked, KernelRoots.Real).Kept);
    }

    private static byte[] ReadLowest(NestedFilesystem filesystem, string name, NestedFilesystem host)
    {
        var content = new List<byte>();
        using FileStream bottom = File.OpenRead(host.Device);
        foreach (ByteRange range in filesystem.ExtentsOf(name).Select(at => new ByteRange(at.Place!.Value, at.Length)))
        {
            var asked = ByteRangeSet.From([range]);
            LowestPlaces lowest = LowestPlaces.Of(filesystem.Block, asked, KernelRoots.Real, host.Is);
            Assert.Empty(lowest.Kept);
            Assert.Equal(range.Length, lowest.Places.Sum(at => at.Above.Length));
            foreach (LowestPlace place in lowest.Places)
            {
                Assert.Equal(host.Device, place.Device.Node);
                byte[] bytes = new byte[place.Below.Length];
                bottom.Position = place.Below.Offset;
                bottom.ReadExactly(bytes);
                content.AddRange(bytes);
            }
        }

        return [.. content];
    }

    /// <summary>An image with holes, the rest of it in pieces, because another file grew at the same time.</summary>
    private static string Fragmented(string folder, string name, long length)
    {
        string path = Path.Combine(folder, name);
        using (FileStream file = new(path, FileMode.CreateNew)) file.SetLength(length);
        for (int i = 0; i < 24; i++)
        {
            ProgramRun.Require("fallocate", "--offset", $"{i * 3 * MiB / 2}", "--length", $"{MiB}", path);
            ProgramRun.Require("fallocate", "--offset", $"{i * 65536}", "--length", "65536", path + ".other");
        }

        return path;
    }
}
