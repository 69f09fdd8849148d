// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Devices.Tests;

/// <summary>
/// Reads that the kernel itself fails: a loop device keeps its size when its backing file is cut, and answers EIO for
/// what is gone. The cut lies inside a page, so that half of a failed page can still be had.
/// </summary>
public sealed class RealFaultTests
{
    private const int EIO = 5;
    private const int Length = 4 << 20;
    private const int Cut = (1 << 20) + (3 * 512);

    [RootFact(Needs.MountedXfs)]
    public void A_page_with_a_bad_sector_is_read_up_to_that_sector()
    {
        using var scratch = new Scratch("eio");
        byte[] bytes = new byte[Length];
        new Random(1).NextBytes(bytes);
        using LoopDevice loop = CutLoop(scratch, bytes, Cut);
        using DeviceBlockSource source = DeviceBlockSource.Open(loop.Path);
        Assert.Equal((Length, 512), (source.Length, source.SectorSize));

        byte[] page = new byte[4096];
        Assert.Equal(new ReadFault(ReadFaultKind.Io, Cut, EIO), source.Read(1 << 20, page));
        Assert.Equal(ReadFault.None, source.Read(1 << 20, page.AsSpan(0, 1536)));
        Assert.Equal(bytes[(1 << 20)..Cut], page[..1536]);
        // Neither end of the read is aligned to anything.
        Assert.Equal(ReadFault.None, source.Read(Cut - 700, page.AsSpan(0, 699)));
        Assert.Equal(bytes[(Cut - 700)..(Cut - 1)], page[..699]);
        Assert.Equal(new ReadFault(ReadFaultKind.Io, Cut, EIO), source.Read(Cut - 1, page.AsSpan(0, 2)));
        Assert.Equal(new ReadFault(ReadFaultKind.Io, Cut + 100, EIO), source.Read(Cut + 100, page.AsSpan(0, 1)));
        byte[] large = new byte[2 << 20];
        Assert.Equal(new ReadFault(ReadFaultKind.Io, Cut, EIO), source.Read(0, large));
        Assert.StartsWith("cannot be read (", source.Read(Cut, page).ToString(), StringComparison.Ordinal);
    }

    [RootFact(Needs.MountedXfs)]
    public void A_disk_whose_end_cannot_be_read_shows_its_partitions()
    {
        using var scratch = new Scratch("eio");
        using LoopDevice loop = CutLoop(scratch, Bundled.Bytes("gpt"), 3 << 20);
        using DeviceBlockSource disk = DeviceBlockSource.Open(loop.Path);
        LayoutTree tree = XfsMagic.Discover(disk);
        Assert.Equal(["p1", "p2", "p5"], tree.Target.Children.Select(n => n.Name));
        Assert.Equal(LayoutContent.Unreadable, tree.Node("p2").Content);
        Assert.Equal(LayoutContent.Unknown, tree.Node("p1").Content);
    }

    [RootFact(Needs.MountedXfs)]
    public void A_disk_with_large_sectors_says_so()
    {
        using var scratch = new Scratch("sectors");
        File.WriteAllBytes(scratch.PathOf("image"), Bundled.Bytes("gpt4096"));
        string path = ProgramRun.Require(
            "losetup", "--show", "--find", "--sector-size", "4096", scratch.PathOf("image")).Text.Trim();
        try
        {
            using DeviceBlockSource disk = DeviceBlockSource.Open(path);
            Assert.Equal(4096, disk.SectorSize);
            Assert.Equal(
                PartedAnswer.Partitions(Bundled.Lines("gpt4096")),
                XfsMagic.Discover(disk).Target.Children.Select(n => (n.Name, n.Extent())));
        }
        finally
        {
            ProgramRun.Require("losetup", "--detach", path);
        }
    }

    private static LoopDevice CutLoop(Scratch scratch, byte[] bytes, long cut)
    {
        string image = scratch.PathOf("image");
        File.WriteAllBytes(image, bytes);
        LoopDevice loop = LoopDevice.Attach(image, readOnly: true);
        using FileStream file = new(image, FileMode.Open);
        file.SetLength(cut);
        return loop;
    }
}
