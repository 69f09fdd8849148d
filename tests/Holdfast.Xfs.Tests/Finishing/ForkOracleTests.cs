// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: block maps are changed as the kernel changes them, down to the block of free space that it takes.
/// Method: the same truncation, hole or exchange by the kernel and by us, on copies of one filesystem; every row of
/// GETFSMAP and GETBMAPX must be the same, and xfs_repair must have nothing to say of ours. Only where a long run of
/// changes allocates blocks for trees may these lie elsewhere: the kernel takes blocks again that were freed a moment
/// ago as soon as it has written its log, and when it does so is chance.
/// </summary>
public sealed class ForkOracleTests
{
    private const string Default = "-m rmapbt=1 -i exchange=1";
    private const string SmallBlocks = "-b size=1024 -m rmapbt=1 -i exchange=1";
    private const string NoReverseMap = "-b size=1024 -m rmapbt=0,reflink=0";

    public static TheoryData<string, int> Fragmented { get; } = new()
    {
        { Default, 3000 }, { Default, 15 }, { SmallBlocks, 6000 }, { SmallBlocks, 60 }, { NoReverseMap, 5000 },
    };

    [RootTheory(Needs.NewerXfsprogs)]
    [MemberData(nameof(Fragmented))]
    public void A_file_in_pieces_is_truncated_to_nothing_as_by_the_kernel(string arguments, int pieces)
    {
        using var test = new ForkCase(arguments, tree => Beside(tree, pieces, BlockSize(arguments)), "file");
        KernelAnswers wanted = test.ByKernel(mount => Truncate(mount, "file", 0));
        Equal(wanted, test.ByUs(context =>
        {
            InodeEditor inode = context.Forks.Open(test.InodeOf("file"));
            inode.Size = 0;
            context.Editor.Commit();
            context.Forks.Truncate(inode, ForkKind.Data, new(0));
        }));
    }

    [RootTheory(Needs.NewerXfsprogs)]
    [MemberData(nameof(Fragmented))]
    public void A_file_in_pieces_is_cut_in_the_middle_as_by_the_kernel(string arguments, int pieces)
    {
        int blockSize = BlockSize(arguments);
        long keep = pieces / 3 * 2L;
        using var test = new ForkCase(arguments, tree => Pieces(tree, "file", pieces, blockSize), "file");
        KernelAnswers wanted = test.ByKernel(mount => Truncate(mount, "file", keep * blockSize));
        Equal(wanted, test.ByUs(context =>
        {
            InodeEditor inode = context.Forks.Open(test.InodeOf("file"));
            inode.Size = keep * blockSize;
            context.Editor.Commit();
            context.Forks.Truncate(inode, ForkKind.Data, new((ulong)keep));
        }));
    }

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData(Default, 400)]
    [InlineData(SmallBlocks, 1000)]
    [InlineData(NoReverseMap, 1000)]
    public void Holes_are_punched_as_by_the_kernel(string arguments, int holes)
    {
        int blockSize = BlockSize(arguments);
        ulong[] at = [.. Enumerable.Range(0, holes).Select(i => (ulong)(i * 7919 % holes) * 4 + 1)];
        using var test = new ForkCase(arguments, tree => Preallocated(tree, "file", 4L * holes * blockSize), "file");
        KernelAnswers wanted = test.ByKernel(mount =>
        {
            using var tree = new Tree(mount.Point);
            using TreeFile file = tree.OpenFile("file");
            foreach (ulong hole in at) file.Allocate(Allocation.PunchHole, (long)hole * blockSize, 2 * blockSize);
        });
        Alike(wanted, test.ByUs(context =>
        {
            InodeEditor inode = context.Forks.Open(test.InodeOf("file"));
            foreach (ulong hole in at)
            {
                while (!context.Forks.UnmapNow(inode, ForkKind.Data, new(hole), 2))
                {
                    context.Editor.Commit();
                    context.Deferred.FinishAll(context);
                }

                context.Editor.Commit();
                context.Deferred.FinishAll(context);
            }
        }), blockSize);
    }

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData(Default, 600)]
    [InlineData(SmallBlocks, 1500)]
    public void A_file_that_shares_blocks_is_truncated_as_by_the_kernel(string arguments, int pieces)
    {
        int blockSize = BlockSize(arguments);
        using var test = new ForkCase(arguments, tree => Shared(tree, pieces, blockSize), "file", "other");
        KernelAnswers wanted = test.ByKernel(mount => Truncate(mount, "file", 0));
        Equal(wanted, test.ByUs(context =>
        {
            InodeEditor inode = context.Forks.Open(test.InodeOf("file"));
            inode.Size = 0;
            context.Editor.Commit();
            context.Forks.Truncate(inode, ForkKind.Data, new(0));
            Assert.False(inode.IsReflinked);
        }));
    }

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData(Default, 800, false)]
    [InlineData(SmallBlocks, 2000, false)]
    [InlineData(SmallBlocks, 1200, true)]
    public void Two_files_exchange_their_content_as_by_the_kernel(string arguments, int pieces, bool shared)
    {
        int blockSize = BlockSize(arguments);
        using var test = new ForkCase(
            arguments,
            tree =>
            {
                if (shared) Shared(tree, pieces, blockSize);
                else Pieces(tree, "file", pieces, blockSize);
                Preallocated(tree, "whole", 3L * pieces * blockSize / 2);
            },
            "file", "whole");
        KernelAnswers wanted = test.ByKernel(mount => ProgramRun.Require(
            XfsPrograms.Newer.Program("xfs_io"), "-c", $"exchangerange {Path.Combine(mount.Point, "whole")}",
            Path.Combine(mount.Point, "file")));
        Alike(wanted, test.ByUs(context =>
        {
            InodeEditor file = context.Forks.Open(test.InodeOf("file"));
            InodeEditor whole = context.Forks.Open(test.InodeOf("whole"));
            ulong blocks = (ulong)(Math.Max(file.Size, whole.Size) + blockSize - 1) / (ulong)blockSize;
            const ulong setSizes = 2;
            Finish(context, context.Forks.Of(new ExchangeIntent(
                1, default, whole.Number.Value, file.Number.Value, whole.Generation, file.Generation, 0, 0, blocks,
                setSizes, 0, 0)));
        }), blockSize);
    }

    /// <summary>An exchange of the size that a crash can leave behind is a matter of seconds.</summary>
    [RootFact(Needs.NewerXfsprogs)]
    public void An_exchange_of_24000_mappings_takes_seconds()
    {
        const int pieces = 24_000;
        const int blockSize = 4096;
        using var test = new ForkCase(
            Default,
            tree =>
            {
                Pieces(tree, "file", pieces, blockSize);
                Preallocated(tree, "whole", 2L * pieces * blockSize);
            },
            "file", "whole");
        test.ByUs(context =>
        {
            InodeEditor file = context.Forks.Open(test.InodeOf("file"));
            InodeEditor whole = context.Forks.Open(test.InodeOf("whole"));
            ulong extents = file.ExtentsOf(ForkKind.Data);
            var watch = Stopwatch.StartNew();
            Finish(context, context.Forks.Of(new ExchangeIntent(
                1, default, whole.Number.Value, file.Number.Value, whole.Generation, file.Generation, 0, 0, 2 * pieces,
                0, 0, 0)));
            Assert.Equal(extents, whole.ExtentsOf(ForkKind.Data));
            Assert.InRange(context.Editor.StepsDone, 5 * pieces, 20 * pieces);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed} for {context.Editor.StepsDone}");
        });
    }

    private static void Finish(FinishContext context, IReadOnlyList<DeferredOperation> operations)
    {
        IReadOnlyList<DeferredBatch> left = context.Deferred.StepFirst(context, DeferredBatch.Of(operations));
        context.Deferred.FinishAll(context, left);
    }

    private static void Equal(KernelAnswers wanted, KernelAnswers found)
    {
        Same.Lines("GETBMAPX", wanted.Bmap, found.Bmap);
        Same.Lines("GETFSMAP", FsmapRows.DataFirst(wanted.Fsmap), FsmapRows.DataFirst(found.Fsmap));
    }

    /// <summary>Equal but for the places of the blocks of trees, and a block or two on the free lists.</summary>
    private static void Alike(KernelAnswers wanted, KernelAnswers found, int blockSize)
    {
        Same.Lines("GETBMAPX", wanted.Bmap, found.Bmap);
        Same.Lines("GETFSMAP, by owner", Sums(wanted), Sums(found));
        long difference = ListBytes(wanted) - ListBytes(found);
        Assert.InRange(difference, -4 * blockSize, 4 * blockSize);
    }

    private static IEnumerable<string> Sums(KernelAnswers answers) => answers.Fsmap
        .Where(row => row.Owner is not (OwnerKind.Ag or OwnerKind.Free))
        .GroupBy(row => $"{row.Owner} {row.Inode} {row.Fork} {(row.BlockMap ? "map" : "")}")
        .Select(group => $"{group.Key} {group.Sum(row => row.Length)}")
        .Order(StringComparer.Ordinal);

    private static long ListBytes(KernelAnswers answers) =>
        answers.Fsmap.Where(row => row.Owner == OwnerKind.Ag).Sum(row => row.Length);

    private static int BlockSize(string arguments) => arguments.Contains("size=1024") ? 1024 : 4096;

    private static void Truncate(LoopMount mount, string name, long length)
    {
        using var tree = new Tree(mount.Point);
        using TreeFile file = tree.OpenFile(name);
        file.SetLength(length);
    }

    private static void Beside(Tree tree, int pieces, int blockSize)
    {
        Pieces(tree, "other", 40, blockSize);
        Pieces(tree, "file", pieces, blockSize);
    }

    /// <summary>Every second block is a hole: each piece is a mapping of its own.</summary>
    private static void Pieces(Tree tree, string name, int pieces, int blockSize)
    {
        using TreeFile file = tree.OpenFile(name, create: true);
        file.Allocate(Allocation.Preallocate, 0, 2L * pieces * blockSize);
        for (int i = 0; i < pieces; i++) file.Allocate(Allocation.PunchHole, ((2L * i) + 1) * blockSize, blockSize);
    }

    private static void Preallocated(Tree tree, string name, long length)
    {
        using TreeFile file = tree.OpenFile(name, create: true);
        file.Allocate(Allocation.Preallocate, 0, length);
    }

    /// <summary>Two files, one of which has every third block of the other.</summary>
    private static void Shared(Tree tree, int pieces, int blockSize)
    {
        using TreeFile file = tree.OpenFile("file", create: true);
        using TreeFile other = tree.OpenFile("other", create: true);
        file.Write(0, new byte[3 * pieces * blockSize]);
        file.Flush();
        for (long i = 0; i < pieces; i++)
        {
            other.TryCloneRange(file, 3 * i * blockSize, blockSize, (pieces - i) * blockSize);
        }
    }
}
