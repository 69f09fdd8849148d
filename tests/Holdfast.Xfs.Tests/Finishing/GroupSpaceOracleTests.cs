// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Oracle;
using Allocation = Holdfast.Xfs.Finishing.Groups.Allocation;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: after changes of free space a filesystem is one that xfs_repair has nothing against and the kernel mounts.
/// Method: thousands of random allocations, CoW stagings and frees over a filesystem of the workload's; what lies over
/// the image is written into a copy of it.
/// </summary>
public sealed class GroupSpaceOracleTests
{
    [RootTheory]
    [InlineData("default", 3000)]
    [InlineData("block-1k", 3000)]
    [InlineData("no-reflink", 3000)]
    [InlineData("many-groups", 3000)]
    [InlineData("old-v5", 3000)]
    public void Nothing_is_wrong_with_a_filesystem_whose_free_space_was_changed(string geometry, int steps)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var scratch = new Scratch("groups");
        string copy = scratch.PathOf("copy.img");
        ProgramRun.Require("cp", "--sparse=always", image.Images.Data, copy);
        using var edited = new EditedImage(copy);
        var context = new FinishContext(edited.Editor);
        var changes = new RandomChanges(context, new Random(5));
        for (int i = 0; i < steps; i++) changes.Step();
        Assert.InRange(changes.Allocations, steps / 4, steps);
        Assert.InRange(changes.Frees, steps / 4, steps);
        if (edited.Volume.Features.Reflink) context.Groups.FreeCowLeftovers();
        else changes.FreeAll();
        string changed = scratch.PathOf("changed.img");
        ProgramRun.Require("cp", "--sparse=always", copy, changed);
        edited.WriteTo(changed);
        FreeBlockCount.PutRight(edited.Reopen(), changed);
        ProgramRun check = XfsPrograms.System.Check(changed);
        Assert.True(check.ExitStatus == 0, check.Text + check.Errors);
        using LoopMount mount = LoopMount.ReadOnly(new(changed), scratch);
        using var root = new Tree(mount.Point);
        using var reader = new Reader(changed);
        if (image.HasRmapbt)
        {
            Same.Lines(geometry, FsmapRows.DataFirst(Fsmap.ReadAll(root, mount.RoleOf)), reader.Map(useRmapbt: true));
            Same.Lines(geometry, FsmapRows.DataFirst(Fsmap.ReadAll(root, mount.RoleOf)), reader.Map(useRmapbt: false));
        }
        else
        {
            Same.Lines(
                geometry, FsmapRows.UsedAndFree(Fsmap.ReadAll(root, mount.RoleOf)),
                FsmapRows.UsedAndFree(reader.Map(useRmapbt: true)));
        }
    }

    /// <summary>Takes blocks, as if they were staged where the filesystem can do so, and gives them back.</summary>
    private sealed class RandomChanges(FinishContext context, Random random)
    {
        private readonly List<Allocation> _taken = [];

        public int Allocations { get; private set; }

        public int Frees { get; private set; }

        public void Step()
        {
            if (_taken.Count == 0 || random.Next(100) < 55) Allocate();
            else Free(random.Next(_taken.Count));
        }

        public void FreeAll()
        {
            while (_taken.Count > 0) Free(_taken.Count - 1);
        }

        private void Allocate()
        {
            uint ag = (uint)random.Next((int)context.Geometry.AgCount);
            uint length = random.Next(3) == 0 ? (uint)random.Next(1, 40) : 1;
            Allocation? found = context.Groups.TryAllocateNow(new AllocationRequest
            {
                Target = context.Geometry.FsBlockOf(
                    ag, new((uint)random.Next((int)context.Geometry.BlocksIn(ag)))),
                Search = (AllocationSearch)random.Next(5),
                MinLength = random.Next(2) == 0 ? 1 : length,
                MaxLength = length,
                Alignment = random.Next(8) == 0 ? 4u : 1,
                Owner = context.Features.Reflink ? null : ExtentOwner.Inodes,
            });
            context.Editor.Commit();
            if (found is { } taken)
            {
                Assert.InRange(taken.Length, 1u, length);
                context.Groups.DeferAllocateCow(taken.Start, taken.Length);
                _taken.Add(taken);
                Allocations++;
            }

            context.Deferred.FinishAll(context);
        }

        private void Free(int which)
        {
            Allocation taken = _taken[which];
            _taken[which] = _taken[^1];
            _taken.RemoveAt(_taken.Count - 1);
            context.Groups.DeferFreeCow(taken.Start, taken.Length);
            context.Groups.DeferFree(
                taken.Start, taken.Length, context.Features.Reflink ? null : ExtentOwner.Inodes);
            context.Deferred.FinishAll(context);
            if (random.Next(50) == 0) context.Groups.LogForced();
            Frees++;
        }
    }
}
