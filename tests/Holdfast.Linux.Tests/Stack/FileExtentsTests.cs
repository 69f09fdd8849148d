// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Stack;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Stack;

/// <summary>FIEMAP against XFS_IOC_GETBMAPX, and what has no place.</summary>
public sealed class FileExtentsTests
{
    private const int Block = 4096;

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "xfs_io")]
    public void Thousands_of_extents_are_those_of_getbmapx()
    {
        using var scratch = new Scratch("extents");
        using var host = NestedFilesystem.On(scratch.SparseFile("host.img", 320L << 20), scratch, "xfs");
        string path = Path.Combine(host.Point, "file");
        using (FileStream file = new(path, FileMode.CreateNew)) file.SetLength(4096L * Block);
        ProgramRun.Require("fallocate", "--length", $"{3900 * Block}", path);
        // More than four batches, of every length.
        var commands = new List<string>();
        for (int at = 1; at < 3800; at += 1 + (at % 3)) commands.AddRange(["-c", $"fpunch {at * Block} {Block / 2}"]);
        for (int at = 3; at < 3800; at += 3) commands.AddRange(["-c", $"pwrite -q {at * Block} 512"]);
        for (int at = 2; at < 3900; at += 4) commands.AddRange(["-c", $"fpunch {at * Block} {Block}"]);
        foreach (string[] some in commands.Chunk(1000)) ProgramRun.Require("xfs_io", [.. some, path]);
        host.Sync();

        using var root = new Tree(host.Point);
        FsmapRow[] rows =
        [
            .. Bmap.ReadAll(root, Bulkstat.ReadAll(root).Where(at => at.Inode == InodeOf(path)))
                .Where(row => row.Length > 0),
        ];
        FileExtent[] extents = [.. host.ExtentsOf("file")];
        Assert.InRange(extents.Length, 1500, 4000);
        Assert.Equal(
            Blocks(rows.Select(row => (row.Offset, row.Physical, row.Length, row.Unwritten))),
            Blocks(extents.Select(at => (at.Offset, at.Place!.Value, at.Length, at.IsUnwritten))));

        // A part of it is the same, cut at both ends.
        using FileExtents asked = FileExtents.Open(path);
        Assert.Null(asked.Opaque);
        var window = new ByteRange((100 * Block) + 512, (900 * Block) + 1024);
        Assert.Equal(
            ByteRangeSet.From(extents.Select(at => new ByteRange(at.Offset, at.Length))).Within(window),
            ByteRangeSet.From(asked.Within(window).Select(at => new ByteRange(at.Offset, at.Length))));
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "xfs_io")]
    public void What_is_only_in_memory_has_no_place_and_gets_none_by_asking()
    {
        using var scratch = new Scratch("extents");
        using var host = NestedFilesystem.On(scratch.SparseFile("host.img", 320L << 20), scratch, "xfs");
        string path = Path.Combine(host.Point, "file");
        ProgramRun.Require("xfs_io", "-f", "-c", "pwrite -q 0 1m", path);
        for (int i = 0; i < 2; i++) Assert.Null(Assert.Single(host.ExtentsOf("file")).Place);
        host.Sync();
        FileExtent placed = Assert.Single(host.ExtentsOf("file"));
        Assert.True(placed is { Place: > 0, Length: 1 << 20, IsUnwritten: false, IsShared: false });
        ProgramRun.Require("cp", "--reflink=always", path, path + "2");
        Assert.Equal(placed with { IsShared = true }, Assert.Single(host.ExtentsOf("file2")));
    }

    [Fact]
    public void A_filesystem_without_places_says_so()
    {
        using FileExtents extents = FileExtents.Open("/proc/self/maps");
        Assert.NotNull(extents.Opaque);
    }

    private static SortedSet<(long Offset, long Place, bool Unwritten)> Blocks(
        IEnumerable<(long Offset, long Place, long Length, bool Unwritten)> extents)
    {
        var blocks = new SortedSet<(long, long, bool)>();
        foreach ((long offset, long place, long length, bool isUnwritten) in extents)
        {
            for (long at = 0; at < length; at += 512) Assert.True(blocks.Add((offset + at, place + at, isUnwritten)));
        }

        return blocks;
    }

    private static ulong InodeOf(string path) =>
        ulong.Parse(ProgramRun.Require("stat", "-c", "%i", path).Text.Trim());
}
