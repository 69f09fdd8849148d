// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;

namespace Holdfast.Cli.Tests.Images;

/// <summary>One line tells that a damaged file could be looked into, where its first sector can be read.</summary>
public sealed class ImageHintTests
{
    private const int MiB = 1 << 20;

    [RootTheory]
    [InlineData("xfs", 16 * MiB, "file holds an XFS: --into-images names the files in it")]
    [InlineData("table", 16 * MiB, "file looks like a disk with partitions: --into-images names the files in it")]
    [InlineData("xfs", (16 * MiB) - 1, null)]
    [InlineData("boot code", 16 * MiB, null)]
    [InlineData("nothing", 16 * MiB, null)]
    public void A_large_file_that_begins_as_an_image_does_is_told_of(string kind, int length, string? wanted)
    {
        using var scratch = new Scratch("hint");
        string disk = Disk(scratch, ("file", Head(kind), length), out ByteRange[] places);
        Assert.Equal(wanted is null ? [] : [wanted], Notes(disk, new ByteRange(places[0].Offset + MiB, 4096)));
        // What tells is in the bad range: it is not read, though it could be.
        Assert.Empty(Notes(disk, new ByteRange(places[0].Offset + 100, 1)));
    }

    [RootFact]
    public void Several_are_told_of_in_one_line()
    {
        using var scratch = new Scratch("hint");
        string disk = Disk(
            scratch, [.. Enumerable.Range(1, 5).Select(i => ($"{i}.img", Head(i == 2 ? "table" : "xfs"), 16 * MiB))],
            out ByteRange[] places);
        ByteRange[] bad = [.. places.Select((at, i) => new ByteRange(at.Offset + MiB, (5 - i) * 4096))];
        Assert.Equal(
            ["1.img, 2.img, 3.img and 2 more look like images: --into-images names the files in them"],
            Notes(disk, bad));
    }

    private static IEnumerable<string> Notes(string disk, params ByteRange[] bad)
    {
        LocateReport report = ImageLocate.Alone(disk, ByteRangeSet.From(bad));
        Assert.Equal(bad.Length, report.Totals.Files.Count);
        Assert.True(report.IsComplete);
        return report.Notes;
    }

    private static string Disk(Scratch scratch, (string Name, byte[] Head, int Length) file, out ByteRange[] places) =>
        Disk(scratch, [file], out places);

    private static string Disk(
        Scratch scratch, (string Name, byte[] Head, int Length)[] files, out ByteRange[] places)
    {
        string disk = scratch.SparseFile("disk.img", 500L * MiB);
        GuestImage.MakeFilesystem(disk, "-m rmapbt=1");
        using LoopMount mount = GuestImage.Mount(disk, scratch);
        places = new ByteRange[files.Length];
        for (int i = 0; i < files.Length; i++)
        {
            places[i] = WrittenFile.Create(mount.Point, files[i].Name, files[i].Length, 1);
            using FileStream file = File.OpenWrite(Path.Combine(mount.Point, files[i].Name));
            file.Write(files[i].Head);
        }

        return disk;
    }

    private static byte[] Head(string kind)
    {
        byte[] head = new byte[512];
        if (kind == "xfs") "XFSB"u8.CopyTo(head);
        if (kind is "table" or "boot code") (head[510], head[511]) = (0x55, 0xAA);
        if (kind == "table") head[446 + 4] = 0x83;
        if (kind == "boot code") head.AsSpan(446, 64).Fill(0x90);
        return head;
    }
}
