// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Recovery;
using Holdfast.Xfs.Volume;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Finishing.Inodes;

/// <summary>
/// Goal: inodes that were unlinked while open are found, and freed as a mount frees them: their blocks, their numbers,
/// and chunks of inodes that nobody uses any more.
/// Method: inodes of every kind are held, unlinked, and the filesystem stopped; the kernel mounts one copy read-only,
/// ours recovers another. Every row of GETFSMAP must be the same, and xfs_repair must find nothing in ours.
/// </summary>
public sealed class UnlinkedInodeTests(ITestOutputHelper output)
{
    public static TheoryData<string, string, int, bool> Filesystems { get; } = new()
    {
        { "default", "-m rmapbt=1 -n parent=1 -i exchange=1", 300, false },
        { "two groups", "-d agcount=2 -m rmapbt=1", 300, false },
        { "sparse", "-d agcount=2 -m rmapbt=1 -i sparse=1 -l size=10m", 300, true },
        { "no finobt", "-d agcount=2 -m rmapbt=0,finobt=0,reflink=0,inobtcount=0 -i sparse=0", 300, false },
        { "no rmapbt", "-m rmapbt=0 -n parent=0", 300, false },
        {
            "old", "-m finobt=0,rmapbt=0,reflink=0,bigtime=0,inobtcount=0 -i sparse=0,nrext64=0 -n parent=0", 300,
            false
        },
        { "block 1k", "-b size=1024 -m rmapbt=1 -n parent=1", 300, false },
        { "block 2k, inode 1k", "-b size=2048 -i size=1024 -m rmapbt=1", 300, false },
        { "block 16k", "-b size=16384 -m rmapbt=1", 400, false },
        { "block 64k: several chunks in a block", "-b size=65536 -m rmapbt=1", 1000, false },
        { "metadir", "-m rmapbt=1,metadir=1", 300, false },
        { "stripe", "-d su=65536,sw=4 -m rmapbt=1", 400, false },
    };

    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [MemberData(nameof(Filesystems))]
    public void Inodes_that_were_held_are_freed_as_by_a_mount(
        string name, string arguments, int sizeMiB, bool isFragmented)
    {
        using var held = new HeldInodes(arguments, sizeMiB, isFragmented);
        string image = held.Copy("ours.img");
        long chunks = Lists(held, image, isFragmented);
        using var ours = new RecoveredImage(new(image));
        Assert.Equal(held.Inodes.Count, ours.Finished.InodesFreed);
        Assert.Empty(ours.Finished.Faults);
        using (LoopMount mount = LoopMount.ReadOnly(new(held.Copy("kernel.img")), held.Scratch, recoverLog: true))
        {
            KernelAnswers kernel = KernelAnswers.Ask(mount.Point, mount.RoleOf);
            RecoveryComparison comparison = RecoveryComparison.Of(kernel, ours);
            foreach (string note in comparison.Notes) output.WriteLine($"{name}: {note}");
            Assert.True(comparison.IsEqual, $"{name}: {comparison}");
        }

        // Inodes that share a block with another chunk keep theirs.
        bool dropsChunks = ours.Volume.Geometry.InodesPerBlock <= Geometry.InodesPerChunk;
        long left = Chunks(ours).Sum(row => row.Length);
        Assert.True(dropsChunks ? left < chunks : left == chunks, $"{chunks} bytes of inodes, then {left}");

        Check(held, ours);
    }

    /// <summary>Before they are freed they are what stat(2) said.</summary>
    /// <returns>Bytes of all chunks.</returns>
    private static long Lists(HeldInodes held, string image, bool isSparse)
    {
        using var replayed = new RecoveredImage(new(image), finish: false);
        IEnumerable<UnlinkedInode> found = UnlinkedInodes.Read(replayed.Volume)
            .Select(at => at with { Blocks = 0, Size = at.Type == FileType.Directory ? 0 : at.Size })
            .OrderBy(at => at.Number.Value);
        Assert.Equal(held.Inodes, found);
        FsmapRow[] chunks = [.. Chunks(replayed)];
        if (isSparse)
        {
            long whole = (long)Geometry.InodesPerChunk * replayed.Volume.Geometry.InodeSize;
            Assert.True(chunks.Count(row => row.Length % whole != 0) > 3, "no chunks are sparse");
        }

        return chunks.Sum(row => row.Length);
    }

    private static IEnumerable<FsmapRow> Chunks(RecoveredImage image) =>
        image.Reader.Map(useRmapbt: false).Where(row => row.Owner == OwnerKind.Inodes);

    private static void Check(HeldInodes held, RecoveredImage ours)
    {
        string copy = held.Copy("repair.img");
        ours.WriteTo(copy);
        string[] wrong = [.. RepairComplaints.Of(XfsPrograms.Newer.Check(copy))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong.Take(20)));
    }
}
