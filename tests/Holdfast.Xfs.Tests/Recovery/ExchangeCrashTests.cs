// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Crashes;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: an exchange of two files of different lengths that a crash cut short ends as the kernel ends it.
/// Method: files of thousands of extents, one of them with shared blocks; the filesystem stops while they are
/// exchanged; ours against a mount of a copy: every extent, and the lengths and flags of both inodes.
/// </summary>
public sealed class ExchangeCrashTests
{
    private const int BlockSize = 4096;

    [RootTheory(Needs.NewerXfsprogs)]
    [InlineData("default", false)]
    [InlineData("default", true)]
    [InlineData("block-1k", false)]
    public void An_exchange_that_a_crash_cut_short_ends_as_the_kernel_ends_it(
        string geometry, bool isShared)
    {
        // When the crash comes is chance: it must hit the exchange once.
        foreach (int milliseconds in (int[])[10, 5, 20, 40, 2, 1, 80, 3, 15])
        {
            using var scratch = new Scratch("exchange");
            ImageSet images = CrashGeometry.Named(geometry).MakeFilesystem(scratch);
            Crash(images, scratch, milliseconds, isShared, out ulong[] inodes);
            if (Compare(images, scratch, inodes)) return;
        }

        Assert.Fail("no crash hit an exchange");
    }

    private static void Crash(
        ImageSet images, Scratch scratch, int milliseconds, bool isShared, out ulong[] inodes)
    {
        using LoopMount mount = LoopMount.Writable(images, scratch);
        using var tree = new Tree(mount.Point);
        Pieces(tree, "short", 2000, 1);
        Pieces(tree, "long", 3000, 2);
        if (isShared) Share(tree);
        tree.Sync();
        inodes = [Inode(mount, "short"), Inode(mount, "long")];
        using TreeFile one = tree.OpenFile("short");
        using TreeFile other = tree.OpenFile("long");
        using var begun = new ManualResetEventSlim();
        var exchange = Task.Run(() =>
        {
            begun.Set();
            try
            {
                one.TryExchange(other);
            }
            catch (IOException)
            {
                // The filesystem stopped.
            }
        });
        begun.Wait();
        Thread.Sleep(milliseconds);
        tree.Crash(flushLog: true);
        exchange.Wait();
    }

    /// <returns>False where the log had no exchange to go on with.</returns>
    private static bool Compare(ImageSet images, Scratch scratch, ulong[] inodes)
    {
        string copy = scratch.PathOf("copy.img");
        ProgramRun.Require("cp", "--sparse=always", images.Data, copy);
        using var ours = new RecoveredImage(images);
        bool isHit = ours.Log.OpenIntents.Any(intent => intent is ExchangeIntent);
        KernelAnswers answers;
        using (LoopMount mount = LoopMount.ReadOnly(new(copy), scratch, recoverLog: true))
        {
            answers = KernelAnswers.Ask(mount.Point, mount.RoleOf);
        }

        RecoveryComparison comparison = RecoveryComparison.Of(answers, ours);
        Assert.True(comparison.IsEqual, $"{comparison}");
        foreach (ulong number in inodes)
        {
            byte[] bytes = new byte[ours.Volume.Geometry.InodeSize];
            Assert.True(InodeReader.TryRead(ours.Volume, new(number), bytes, out Inode inode).IsNone);
            string kernels = XfsPrograms.Newer.Inspect(
                copy, $"inode {number}", "print core.size", "print core.nblocks", "print v3.reflink");
            string wanted = string.Join(' ', kernels.Split('\n').Select(line => line.Split('=')[^1].Trim())).Trim();
            Assert.Equal(wanted, $"{inode.Size} {inode.Blocks} {(inode.IsReflinked ? 1 : 0)}");
        }

        return isHit;
    }

    private static ulong Inode(LoopMount mount, string name) =>
        ulong.Parse(ProgramRun.Require("stat", "-c", "%i", Path.Combine(mount.Point, name)).Text.Trim());

    /// <summary>Every second block is a hole.</summary>
    private static void Pieces(Tree tree, string name, int pieces, byte content)
    {
        using TreeFile file = tree.OpenFile(name, create: true);
        byte[] block = new byte[2 * pieces * BlockSize];
        block.AsSpan().Fill(content);
        file.Write(0, block);
        // Preallocated files keep what lies behind the end that recovery knew; when it frees that of others is chance.
        file.Allocate(Allocation.Preallocate, 0, BlockSize);
        file.Flush();
        for (int i = 0; i < pieces; i++) file.Allocate(Allocation.PunchHole, ((2L * i) + 1) * BlockSize, BlockSize);
    }

    private static void Share(Tree tree)
    {
        using TreeFile file = tree.OpenFile("long");
        using TreeFile third = tree.OpenFile("third", create: true);
        Assert.True(third.TryCloneRange(file, 0, 400 * BlockSize, 0));
    }
}
