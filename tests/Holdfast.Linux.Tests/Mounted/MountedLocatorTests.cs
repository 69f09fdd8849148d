// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Workloads;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>
/// Goal: what the kernel is asked about a mounted filesystem is what its device says after the unmount.
/// Method: every allocated block of a filesystem that a workload has filled, mounted read-only: file content in two
/// questions, every other block in each, so that every block stands for itself; everything else block by block.
/// </summary>
public sealed class MountedLocatorTests
{
    [RootTheory]
    [InlineData("default")]
    [InlineData("block-1k")]
    [InlineData("folder-block-64k")]
    [InlineData("parent")]
    [InlineData("newest")]
    [InlineData("no-rmapbt")]
    public void Every_allocated_block_is_what_it_is_after_the_unmount(string geometry) => Compare(geometry);

    private static void Compare(string geometry)
    {
        using var scratch = new Scratch(geometry);
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        using (LoopMount filled = LoopMount.Writable(images, scratch)) Workload.Run(filled.Point, 1, 0.05);

        List<ByteRangeSet> questions;
        var live = new List<MountedAnswer>();
        using (LoopMount mount = LoopMount.ReadOnly(images, scratch))
        using (MountedXfs xfs = MountedXfs.Open(MountedTarget.Find(mount.Point, KernelRoots.Real)!))
        {
            MountedIndex? index = xfs.Geometry.HasRmapbt ? null : MountedIndex.Build(xfs);
            questions = Questions(xfs, index);
            live.AddRange(questions.Select(bad => new MountedLocator(xfs, index).Locate(DeviceRole.Data, bad)));
        }

        var differences = new List<string>();
        for (int i = 0; i < questions.Count; i++) Compare(images, questions[i], live[i], differences);
        Assert.True(differences.Count == 0,
            $"{geometry}: {differences.Count} lines differ in {questions.Count} questions\n"
            + string.Join('\n', differences.Take(40)));
    }

    /// <param name="index">Without a reverse map, of what it knows.</param>
    private static List<ByteRangeSet> Questions(MountedXfs xfs, MountedIndex? index)
    {
        long block = xfs.Geometry.BlockSize;
        var content = new List<ByteRange>();
        var others = new List<ByteRange>();
        var space = new SpaceMap(xfs);
        if (index is null) space.ForEach(Add);
        else index.ForEach(space, Add);
        void Add(MapRow row)
        {
            if (row.Owner is OwnerKind.Free or OwnerKind.Unknown || row.Device != DeviceRole.Data) return;
            bool isPlain = row is { Owner: OwnerKind.Inode, Fork: ForkKind.Data, BlockMap: false };
            bool isContent = row.Owner == OwnerKind.Log || (isPlain && row.Offset + row.Length < 1L << 35
                && new MountedInodes(xfs).Find(row.Inode) is { IsRegular: true });
            (isContent ? content : others).Add(new(row.Physical, row.Length));
        }

        var questions = new List<ByteRangeSet>();
        ByteRange[] blocks = [.. ByteRangeSet.From(content).SelectMany(range => Blocks(range, block))];
        questions.Add(ByteRangeSet.From(blocks.Where(at => at.Offset / block % 2 == 0)));
        questions.Add(ByteRangeSet.From(blocks.Where(at => at.Offset / block % 2 == 1)));
        foreach (ByteRange at in ByteRangeSet.From(others).SelectMany(range => Blocks(range, block)))
        {
            questions.Add(ByteRangeSet.From([at]));
        }

        Assert.True(questions.Count > 100, "a filesystem with almost nothing in it");
        return questions;
    }

    private static IEnumerable<ByteRange> Blocks(ByteRange range, long block)
    {
        for (long at = range.Offset; at < range.End; at += block) yield return new(at, block);
    }

    private static void Compare(ImageSet images, ByteRangeSet bad, MountedAnswer live, List<string> differences)
    {
        using var device = DeviceBlockSource.Open(images.Data);
        StructuresReady ready = new ClaimedDevices(new DistrustingBlockSource(device, bad), null)
            .ReadSuperblock(out _)!.PrepareStructures();
        RecoveredVolume volume = ready.Recover(RecoveryDepth.Mounted, out Fault? why) ?? ready.WithoutRecovery(why);
        LocateAnswer offline = new Locator(volume.Volume).Locate(bad);
        string[] wanted = [.. offline.Impacts.Select(AnswerLine.Of)];
        string[] found = [.. live.Impacts.Select(AnswerLine.Of)];
        differences.AddRange(wanted.Except(found).Select(line => $"- {line}"));
        differences.AddRange(found.Except(wanted).Select(line => $"+ {line}"));
        // A lost directory the kernel still has in memory, and with it the names below; more than the device has.
        ILookup<ulong, PathName> known = PathsOfLost(live.Impacts);
        differences.AddRange(PathsOfLost(offline.Impacts).SelectMany(inode => inode
            .Where(path => !known[inode.Key].Contains(path)).Select(path => $"- lost inode {inode.Key}: {path}")));
        // What the kernel cannot say it says.
        bool isUnknown = live.Impacts.Any(
            impact => impact.BlockMap || impact.LostInodes.Any(lost => !lost.RangesKnown));
        if (!isUnknown) differences.AddRange(live.Gaps.Select(gap => $"gap: {gap}"));
    }

    private static ILookup<ulong, PathName> PathsOfLost(IEnumerable<Impact> impacts) => impacts
        .SelectMany(impact => impact.LostInodes)
        .SelectMany(lost => lost.Paths.Select(path => (lost.Inode, path)))
        .ToLookup(at => at.Inode, at => at.path);
}
