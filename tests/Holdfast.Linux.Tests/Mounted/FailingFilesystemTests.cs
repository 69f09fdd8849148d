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
/// Goal: a mounted filesystem whose medium really fails is answered for as far as the kernel can still say, and what is
/// not known is said. Method: one block after the other of what an answer needs cannot be read.
/// </summary>
public sealed class FailingFilesystemTests
{
    private const int Files = 300;

    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    [InlineData("default")]
    [InlineData("no-rmapbt")]
    public void Lost_inodes_are_named_by_their_directories(string geometry)
    {
        using var scratch = new Scratch(geometry);
        ImageSet images = Make(geometry, scratch, out ulong middle);
        ByteRange bad = default;
        using (var good = new OpenMount(images, scratch))
        {
            long place = good.Xfs.Geometry.ByteOf(middle);
            int block = good.Xfs.Geometry.BlockSize;
            bad = new(place / block * block, block);
        }

        using var failing = new FailingImage(images.Data, scratch, FailingImage.SectorsOf(bad.Offset, bad.Length));
        using var mount = new OpenMount(images with { Data = failing.Path }, scratch);
        MountedXfs xfs = mount.Xfs;
        MountedIndex? index = xfs.Geometry.HasRmapbt ? null : MountedIndex.Build(xfs);
        MountedAnswer answer = new MountedLocator(xfs, index).Locate(DeviceRole.Data, ByteRangeSet.From([bad]));
        Impact impact = Assert.Single(answer.Impacts);
        Assert.Equal(OwnerKind.Inodes, impact.Owner);
        int inodes = xfs.Geometry.BlockSize / xfs.Geometry.InodeSize;
        Assert.Equal(inodes, impact.LostInodes.Count);
        Assert.All(impact.LostInodes, lost =>
        {
            Assert.Equal($"folder/{NameOf(lost.Inode, middle)}", Assert.Single(lost.Paths).ToString());
            if (xfs.Geometry.HasRmapbt) Assert.Equal(4096, Assert.Single(lost.UnreachableRanges).Length);
            else Assert.False(lost.RangesKnown);
        });
        Assert.Contains(answer.Gaps, gap => gap.Contains("not every directory can be read", StringComparison.Ordinal));
        if (index is not null) Assert.InRange(index.Unread, inodes, 4 * inodes);
    }

    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    [InlineData("default")]
    [InlineData("parent")]
    public void Entries_of_a_lost_directory_block_are_found(string geometry)
    {
        using var scratch = new Scratch(geometry);
        ImageSet images = Make(geometry, scratch, out _);
        ByteRange bad = default;
        Impact whole;
        using (var good = new OpenMount(images, scratch))
        {
            bad = SecondBlockOfFolder(good.Xfs);
            whole = Assert.Single(
                new MountedLocator(good.Xfs).Locate(DeviceRole.Data, ByteRangeSet.From([bad])).Impacts);
            Assert.All(whole.LostEntries, entry => Assert.NotNull(entry.Name));
        }

        using var failing = new FailingImage(images.Data, scratch, FailingImage.SectorsOf(bad.Offset, bad.Length));
        using var mount = new OpenMount(images with { Data = failing.Path }, scratch);
        MountedAnswer answer = new MountedLocator(mount.Xfs).Locate(DeviceRole.Data, ByteRangeSet.From([bad]));
        Impact impact = Assert.Single(answer.Impacts);
        Assert.Equal("folder", Assert.Single(impact.Paths).ToString());
        Assert.InRange(impact.LostEntries.Count, 50, Files);
        bool isNamed = mount.Xfs.Geometry.HasParentPointers;
        Assert.Equal(
            whole.LostEntries.Select(entry => isNamed ? entry : entry with { Name = null }).OrderBy(at => at.Inode),
            impact.LostEntries.OrderBy(at => at.Inode));
        Assert.Empty(answer.Gaps);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    public void An_unreadable_reverse_map_is_said_to_be_one()
    {
        using var scratch = new Scratch("rmapbt");
        ImageSet images = Make("default", scratch, out _);
        ByteRange group = default;
        using (var good = new OpenMount(images, scratch))
        {
            var rows = new List<MapRow>();
            new SpaceMap(good.Xfs).ForEach(rows.Add);
            MapRow trees = rows.First(row => row.Owner == OwnerKind.Ag && row.Physical / row.Length > 0);
            group = new(trees.Physical, trees.Length);
        }

        using var failing = new FailingImage(images.Data, scratch, FailingImage.SectorsOf(group.Offset, group.Length));
        using var mount = new OpenMount(images with { Data = failing.Path }, scratch);
        MountedAnswer answer = new MountedLocator(mount.Xfs).Locate(DeviceRole.Data, ByteRangeSet.From([group]));
        Impact impact = Assert.Single(answer.Impacts);
        Assert.Equal((OwnerKind.Unknown, group.Length), (impact.Owner, impact.Length));
        Assert.Contains(answer.Gaps, gap => gap.Contains("FS_IOC_GETFSMAP", StringComparison.Ordinal));
    }

    /// <summary>A folder of many files of one block each.</summary>
    /// <param name="middle">The inode of the middle one.</param>
    private static ImageSet Make(string geometry, Scratch scratch, out ulong middle)
    {
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        string folder = Path.Combine(mount.Point, "folder");
        Directory.CreateDirectory(folder);
        for (int i = 0; i < Files; i++) File.WriteAllBytes(Path.Combine(folder, $"file-{i:d4}"), new byte[1024]);
        middle = ulong.Parse(
            ProgramRun.Require("stat", "-c", "%i", Path.Combine(folder, $"file-{Files / 2:d4}")).Text.Trim());
        return images;
    }

    /// <summary>Inodes were given out in order.</summary>
    private static string NameOf(ulong inode, ulong middle) => $"file-{(Files / 2) + (int)(inode - middle):d4}";

    private static ByteRange SecondBlockOfFolder(MountedXfs xfs)
    {
        var rows = new List<MapRow>();
        new SpaceMap(xfs).ForEach(rows.Add);
        int block = xfs.Geometry.DirectoryBlockSize;
        MapRow row = Assert.Single(rows, row => row.Owner == OwnerKind.Inode && row.Offset <= block
            && row.Offset + row.Length > block && new MountedInodes(xfs).Find(row.Inode) is { IsDirectory: true });
        return new(row.Physical + block - row.Offset, block);
    }

    private sealed class OpenMount : IDisposable
    {
        private readonly LoopMount _mount;

        internal OpenMount(ImageSet images, Scratch scratch)
        {
            _mount = LoopMount.Writable(images, scratch);
            Xfs = MountedXfs.Open(MountedTarget.Find(_mount.Point, KernelRoots.Real)!);
        }

        internal MountedXfs Xfs { get; }

        public void Dispose()
        {
            Xfs.Dispose();
            _mount.Dispose();
        }
    }
}
