// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>
/// Goal: the map of a mounted filesystem is, row by row, the kernel's.
/// Method: frozen in the middle of a workload, read by the product and by the tests' own reader; and every question for
/// a range against the rows of the whole.
/// </summary>
public sealed class SpaceMapTests
{
    [RootTheory]
    [InlineData("default")]
    [InlineData("no-rmapbt")]
    [InlineData("block-1k")]
    [InlineData("block-16k")]
    [InlineData("many-groups")]
    [InlineData("external-log")]
    [InlineData("sector-4k")]
    [InlineData("folder-block-64k")]
    public void Of_a_busy_filesystem_every_row_is_the_kernels(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        IReadOnlyList<FsmapRow> wanted = busy.KernelRows();
        foreach (int rowsACall in (int[])[2048, 64])
        {
            var found = new List<FsmapRow>();
            new SpaceMap(busy.Xfs, rowsACall).ForEach(row => found.Add(Same(row)));
            Testing.Oracle.Same.Lines($"{geometry}, {rowsACall} rows a call", wanted, found);
        }
    }

    /// <summary>Blocks with more owners than a call has rows: many files, and one file many times over.</summary>
    [RootFact]
    public void However_many_own_a_block_every_one_has_its_row()
    {
        using var scratch = new Scratch("owners");
        using LoopMount mount = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        string first = Path.Combine(mount.Point, "first");
        var commands = new List<string> { "-c", "pwrite -q 0 8k" };
        for (int i = 1; i <= 300; i++) commands.AddRange(["-c", $"reflink -q {first} 0 {i * 12}k 8k"]);
        for (int i = 1; i <= 300; i++) commands.AddRange(["-c", $"reflink -q {first} 4k {(4000 + (i * 4))}k 4k"]);
        ProgramRun.Require("xfs_io", ["-f", .. commands, first]);
        for (int i = 0; i < 200; i++)
        {
            ProgramRun.Require("cp", "--reflink=always", first, Path.Combine(mount.Point, $"copy{i}"));
        }

        using var root = new Tree(mount.Point);
        root.Sync();
        using MountedXfs xfs = MountedXfs.Open(MountedTarget.Find(mount.Point, KernelRoots.Real)!);
        // The tests' own reader takes a block's owners in one call, and these are too many for one.
        var found = new List<MapRow>();
        new SpaceMap(xfs, 640).ForEach(found.Add);
        var all = new List<MapRow>();
        new SpaceMap(xfs).ForEach(all.Add);
        Assert.Equal(all, found);
        Assert.Equal(found.Count, found.Distinct().Count());
        IReadOnlyList<FsmapRow> wanted = Bmap.ReadAll(root, Bulkstat.ReadAll(root));
        Testing.Oracle.Same.Lines(
            "extents", FsmapRows.Extents(wanted),
            FsmapRows.Extents(found.Select(Same).Where(row => row.Fork == ForkKind.Data)));

        // What cannot be listed is said, not left out.
        Assert.Throws<InvalidDataException>(() => new SpaceMap(xfs, 64).ForEach(_ => { }));
    }

    /// <summary>A range has the rows that have bytes in it, and no others, wherever it begins and ends.</summary>
    [RootTheory]
    [InlineData("default")]
    [InlineData("no-rmapbt")]
    [InlineData("external-log")]
    public void A_range_has_the_rows_that_touch_it(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        IReadOnlyList<FsmapRow> all = busy.KernelRows();
        var random = new Random(1);
        foreach (DeviceRole role in all.Select(row => row.Device).Distinct())
        {
            FsmapRow[] rows = [.. all.Where(row => row.Device == role)];
            for (int i = 0; i < 300; i++)
            {
                FsmapRow near = rows[random.Next(rows.Length)];
                long start = Math.Max(0, near.Physical + random.Next(-9000, 9000));
                var range = new ByteRange(start, random.Next(1, 1 << random.Next(1, 22)));
                var found = new List<FsmapRow>();
                new SpaceMap(busy.Xfs, 64).ForEach(role, range, row => found.Add(Same(row)));
                FsmapRow[] wanted = [.. rows.Where(row => row.End > range.Offset && row.Physical < range.End)];
                Assert.Equal(wanted.Where(IsOwned), found.Where(IsOwned));
                foreach (OwnerKind owner in (OwnerKind[])[OwnerKind.Free, OwnerKind.Unknown])
                {
                    Assert.Equal(BytesOf(owner, wanted, range), BytesOf(owner, found, range));
                }
            }
        }
    }

    private static bool IsOwned(FsmapRow row) => row.Owner is not (OwnerKind.Free or OwnerKind.Unknown);

    private static ByteRangeSet BytesOf(OwnerKind owner, IEnumerable<FsmapRow> rows, ByteRange range) =>
        ByteRangeSet.From(rows.Where(row => row.Owner == owner)
            .Select(row => new ByteRange(row.Physical, row.Length).Intersect(range)));

    internal static FsmapRow Same(MapRow row) => new(
        row.Device, row.Physical, row.Length, row.Owner, row.Inode, row.Fork, row.Offset, row.Unwritten, row.Shared,
        row.BlockMap);
}
