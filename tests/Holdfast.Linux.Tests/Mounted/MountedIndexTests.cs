// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>
/// Goal: a reverse map that is put together inode by inode says what the kernel's own would.
/// Method: where the kernel has an rmapbt, it is built all the same, and each of its rows must be one of the kernel's;
/// where it has none, used and free space must be the kernel's. Frozen in the middle of a workload.
/// </summary>
public sealed class MountedIndexTests
{
    [RootTheory]
    [InlineData("default")]
    [InlineData("no-reflink")]
    [InlineData("block-1k")]
    [InlineData("block-16k")]
    [InlineData("no-finobt-no-sparse")]
    [InlineData("many-groups")]
    [InlineData("inode-2k")]
    [InlineData("external-log")]
    public void What_it_finds_are_the_rows_of_the_kernels_own_reverse_map(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        using var root = new Tree(busy.Xfs.Mount.MountPoint);
        IReadOnlyList<InodeStat> allocated = Bulkstat.ReadAll(root);
        HashSet<ulong> shown = [.. allocated.Where(inode => inode.IsMappable).Select(inode => inode.Inode)];
        MountedIndex index = MountedIndex.Build(busy.Xfs);
        FsmapRow[] kernel = [.. busy.KernelRows().Where(row => IsShown(row, shown))];
        FsmapRow[] found = [.. index.Rows.Select(SpaceMapTests.Same)];
        if (busy.Xfs.Geometry.HasSparseInodes)
        {
            // Which unused inodes there are the kernel does not say; those in use are all found.
            ByteRangeSet inodes = Inodes(kernel);
            ByteRangeSet told = Inodes(found);
            Assert.All(told, part => Assert.True(inodes.Contains(part), $"{part} is no inodes"));
            Assert.All(allocated, inode => Assert.True(
                told.Contains(new(busy.Xfs.Geometry.ByteOf(inode.Inode), busy.Xfs.Geometry.InodeSize))));
            kernel = [.. kernel.Where(row => row.Owner != OwnerKind.Inodes)];
            found = [.. found.Where(row => row.Owner != OwnerKind.Inodes)];
        }

        Same.Lines(geometry, kernel, found);
        Assert.InRange(index.Age, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [RootTheory]
    [GeometryData(Geometries.WithoutRmapbt)]
    [GeometryData(Geometries.WithoutRmapbt, newer: true)]
    public void Used_and_free_space_are_the_kernels(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        IReadOnlyList<FsmapRow> kernel = busy.KernelRows();
        MountedIndex index = MountedIndex.Build(busy.Xfs);
        var found = new List<FsmapRow>();
        index.ForEach(new SpaceMap(busy.Xfs), row => found.Add(SpaceMapTests.Same(row)));
        Same.Lines(geometry, FsmapRows.UsedAndFree(kernel), FsmapRows.UsedAndFree(found));

        // Every row that was found is told, once, and almost nothing stays unknown.
        Same.Lines(
            geometry, index.Rows.Select(SpaceMapTests.Same),
            found.Where(row => row.Owner is not (OwnerKind.Free or OwnerKind.Unknown)));
        long used = kernel.Where(row => row.Owner == OwnerKind.Unknown).Sum(row => row.Length);
        long unknown = found.Where(row => row.Owner == OwnerKind.Unknown).Sum(row => row.Length);
        Assert.InRange(unknown, 0, used / 10);
    }

    private static ByteRangeSet Inodes(IEnumerable<FsmapRow> rows) => ByteRangeSet.From(
        rows.Where(row => row.Owner == OwnerKind.Inodes).Select(row => new ByteRange(row.Physical, row.Length)));

    /// <summary>Neither block maps, nor what belongs to inodes that no handle opens, nor a group's btrees.</summary>
    private static bool IsShown(FsmapRow row, HashSet<ulong> shown) => row.Owner switch
    {
        OwnerKind.Inode => !row.BlockMap && shown.Contains(row.Inode),
        OwnerKind.Inodes or OwnerKind.Filesystem => true,
        OwnerKind.Log => row.Device == DeviceRole.Data,
        _ => false,
    };
}
