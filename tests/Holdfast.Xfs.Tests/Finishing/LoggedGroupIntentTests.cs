// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: a logged intent of a group is carried out whole, or refused whole where a mount would refuse it.
/// Method: intents as a log gives them, sound ones and ones of which one number is wrong.
/// </summary>
public sealed class LoggedGroupIntentTests
{
    private const uint Ag = 1;
    private const uint First = 3000;
    private const uint Length = 100;

    [RootFact(Needs.Xfsprogs)]
    public void Extents_to_be_freed_leave_the_reverse_map_whoever_had_them()
    {
        using var scratch = new Scratch("intents");
        using EditedImage edited = Image(scratch);
        var context = new FinishContext(edited.Editor);
        var before = new GroupContents(edited.Reopen(), Ag);
        ExtentOwner[] owners =
        [
            ExtentOwner.Inodes, ExtentOwner.InodeBtree, ExtentOwner.BlockMap(new(128), ForkKind.Data),
            ExtentOwner.Refcount,
        ];
        var extents = new List<IntentExtent>();
        for (uint i = 0; i < owners.Length; i++)
        {
            FsBlock start = context.Geometry.FsBlockOf(Ag, new(First + i * Length));
            Allocation? taken = context.Groups.TryAllocateNow(new AllocationRequest
            {
                Target = start, Search = AllocationSearch.Exact, MinLength = Length, MaxLength = Length,
                Owner = owners[i],
            });
            Assert.Equal(new Allocation(start, Length), taken);
            // Its middle goes first, then what is left on both sides.
            extents.Add(new(start.Value + 40, 20));
            extents.Add(new(start.Value, 40));
            extents.Add(new(start.Value + 60, 40));
        }

        context.Editor.Commit();
        Finish(context, context.Groups.Of(new ExtentFreeIntent(1, default, false, extents)));
        var after = new GroupContents(edited.Reopen(), Ag);
        Assert.Equal(before.FreeByStart, after.FreeByStart);
        Assert.Equal(before.ReverseMap, after.ReverseMap);
        after.CheckFreeSpace();
        after.CheckOwnBlocks();
    }

    [RootFact(Needs.Xfsprogs)]
    public void What_a_mount_would_refuse_is_refused_before_anything_is_done()
    {
        using var scratch = new Scratch("intents");
        using EditedImage edited = Image(scratch);
        var context = new FinishContext(edited.Editor);
        Geometry geometry = context.Geometry;
        ulong good = geometry.FsBlockOf(Ag, new(First)).Value;
        (ulong Start, uint Length)[] wrong =
        [
            (good, 0), (geometry.FsBlockOf(Ag, new(0)).Value, 1),
            (geometry.FsBlockOf(Ag, new(geometry.BlocksIn(Ag) - 1)).Value, 2),
            (geometry.FsBlockOf(geometry.AgCount, new(100)).Value, 1), (ulong.MaxValue, 1), (ulong.MaxValue - 5, 100),
        ];
        foreach ((ulong start, uint length) in wrong)
        {
            Refused(() => context.Groups.Of(
                new ExtentFreeIntent(1, default, false, [new(good, 1), new(start, length)])));
            Refused(() => context.Groups.Of(Count(start, length, 1)));
            Refused(() => context.Groups.Of(Map(128, start, 0, length, 1)));
        }

        Refused(() => context.Groups.Of(Count(good, 1, 0)));
        Refused(() => context.Groups.Of(Count(good, 1, 5)));
        Refused(() => context.Groups.Of(Count(good, 1, 1 | 1u << 8)));
        Refused(() => context.Groups.Of(Map(128, good, 0, 1, 0)));
        Refused(() => context.Groups.Of(Map(128, good, 0, 1, 9)));
        Refused(() => context.Groups.Of(Map(128, good, 0, 1, 1 | 1u << 12)));
        Refused(() => context.Groups.Of(Map(128, good, 1ul << 54, 1, 1)));
        Refused(() => context.Groups.Of(Map(1ul << 50, good, 0, 1, 1)));
        Refused(() => context.Groups.Of(Map(RmapOwner.Cow - 1, good, 0, 1, 1)));
        Assert.Single(context.Groups.Of(Map(128, good, 0, 1, 1)));
        Assert.Single(context.Groups.Of(Count(good, 1, 1)));
    }

    [RootFact(Needs.Xfsprogs)]
    public void Freeing_what_is_free_is_a_failure_and_changes_nothing()
    {
        using var scratch = new Scratch("intents");
        using EditedImage edited = Image(scratch);
        var context = new FinishContext(edited.Editor);
        var before = new GroupContents(edited.Reopen(), Ag);
        ulong free = context.Geometry.FsBlockOf(Ag, new(First)).Value;
        Assert.Throws<RecoveryFailure>(
            () => Finish(context, context.Groups.Of(new ExtentFreeIntent(1, default, false, [new(free, 8)]))));
        var after = new GroupContents(edited.Reopen(), Ag);
        Assert.Equal(before.FreeByStart, after.FreeByStart);
        Assert.Equal(before.ReverseMap, after.ReverseMap);
    }

    private static RefcountIntent Count(ulong start, uint length, uint flags) =>
        new(1, default, false, [new(start, length, flags)]);

    private static ReverseMapIntent Map(ulong owner, ulong start, ulong offset, uint length, uint flags) =>
        new(1, default, false, [new(owner, start, offset, length, flags)]);

    private static void Refused(Func<IReadOnlyList<DeferredOperation>> of) =>
        Assert.Throws<RecoveryFailure>(() => { _ = of(); });

    private static void Finish(FinishContext context, IReadOnlyList<DeferredOperation> work)
    {
        IReadOnlyList<DeferredBatch> left = context.Deferred.StepFirst(context, DeferredBatch.Of(work));
        context.Deferred.FinishAll(context, left);
    }

    private static EditedImage Image(Scratch scratch)
    {
        string image = scratch.SparseFile("data.img", 320L << 20);
        XfsPrograms.System.MakeFilesystem(image, "-m", "rmapbt=1,reflink=1");
        return new(image);
    }
}
