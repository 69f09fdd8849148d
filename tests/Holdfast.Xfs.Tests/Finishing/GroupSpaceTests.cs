// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Goal: what the groups' btrees say after any changes is what follows from the changes, merged as far as it can be.
/// Method: random changes of reverse maps and reference counts of a stretch of blocks, held against a model that knows
/// nothing of records: one entry a block and owner.
/// </summary>
public sealed class GroupSpaceTests
{
    private const uint Ag = 1;
    private const uint First = 5000;
    private const uint Length = 3000;

    [RootFact(Needs.Xfsprogs)]
    public void The_reverse_map_has_each_owners_blocks_in_as_few_records_as_can_be()
    {
        using var scratch = new Scratch("rmap");
        using EditedImage edited = Open(scratch);
        var context = new FinishContext(edited.Editor);
        List<RmapRecord> others = new GroupContents(edited.Reopen(), Ag).ReverseMap;
        var model = new ReverseMapModel(new Random(7), First, Length);
        for (int i = 0; i < 6000; i++)
        {
            model.Change((action, start, length, owner, isUnwritten) =>
                context.Groups.ChangeReverseMap(action, Ag, new(start), length, owner, isUnwritten));
            context.Editor.Commit();
            context.Deferred.FinishAll(context);
            if (i % 500 != 499) continue;
            var contents = new GroupContents(edited.Reopen(), Ag);
            Same(model.Records(), contents.ReverseMap.Where(at => at.Owner < (ulong)long.MaxValue));
            contents.CheckFreeSpace();
            contents.CheckOwnBlocks();
        }

        Assert.Contains(model.Records(), at => at.IsUnwritten);
        Assert.True(new GroupContents(edited.Reopen(), Ag).ReverseMap.Count > 100);
        model.Clear((action, start, length, owner, isUnwritten) =>
        {
            context.Groups.ChangeReverseMap(action, Ag, new(start), length, owner, isUnwritten);
            context.Editor.Commit();
            context.Deferred.FinishAll(context);
        });
        Assert.Equal(
            others.Where(at => at.Owner != RmapOwner.Ag),
            new GroupContents(edited.Reopen(), Ag).ReverseMap.Where(at => at.Owner != RmapOwner.Ag));
    }

    [RootFact(Needs.Xfsprogs)]
    public void Reference_counts_are_kept_and_blocks_without_owners_become_free()
    {
        using var scratch = new Scratch("refcount");
        using EditedImage edited = Open(scratch);
        var context = new FinishContext(edited.Editor);
        var random = new Random(11);
        Allocation? taken = context.Groups.TryAllocateNow(new AllocationRequest
        {
            Target = context.Geometry.FsBlockOf(Ag, new(First)), Search = AllocationSearch.Exact,
            MinLength = Length, MaxLength = Length,
        });
        Assert.Equal(new Allocation(context.Geometry.FsBlockOf(Ag, new(First)), Length), taken);
        context.Editor.Commit();
        int[] counts = Enumerable.Repeat(1, (int)Length).ToArray();
        int freed = 0;
        for (int i = 0; i < 3000; i++)
        {
            int start = random.Next((int)Length);
            int length = random.Next(1, Math.Min(60, (int)Length - start + 1));
            int end = start + length;
            bool isMore = random.Next(100) < 55;
            // Nobody changes the count of a free block.
            while (end > start && counts.AsSpan(start, end - start).Contains(0)) end = start + (end - start) / 2;
            if (end == start) continue;
            FsBlock block = context.Geometry.FsBlockOf(Ag, new(First + (uint)start));
            if (isMore) context.Groups.DeferIncrease(block, (uint)(end - start));
            else context.Groups.DeferDecrease(block, (uint)(end - start));
            context.Deferred.FinishAll(context);
            for (int at = start; at < end; at++)
            {
                counts[at] += isMore ? 1 : -1;
                if (counts[at] == 0) freed++;
            }

            if (i % 250 != 249) continue;
            var contents = new GroupContents(edited.Reopen(), Ag);
            Same(Shared(counts), contents.Refcounts);
            Same(FreeIn(counts), contents.FreeByStart.SelectMany(Blocks).Where(IsInStretch));
            contents.CheckFreeSpace();
            contents.CheckOwnBlocks();
        }

        Assert.True(freed > 100, $"{freed} freed");
    }

    [RootFact(Needs.Xfsprogs)]
    public void Copy_on_write_staging_is_merged_cut_and_freed_as_leftovers()
    {
        using var scratch = new Scratch("cow");
        using EditedImage edited = Open(scratch);
        var context = new FinishContext(edited.Editor);
        List<FreeRecord> before = new GroupContents(edited.Reopen(), Ag).FreeByStart;
        var random = new Random(13);
        var staged = new HashSet<uint>();
        for (int i = 0; i < 1500; i++)
        {
            uint length = (uint)random.Next(1, 30);
            if (random.Next(3) > 0)
            {
                Allocation? found = context.Groups.TryAllocateNow(new AllocationRequest
                {
                    Target = context.Geometry.FsBlockOf(Ag, new(First + (uint)random.Next((int)Length))),
                    Search = AllocationSearch.Near, MaxLength = length,
                });
                Assert.NotNull(found);
                context.Groups.DeferAllocateCow(found.Value.Start, found.Value.Length);
                uint start = context.Geometry.AgBlockOf(found.Value.Start).Value;
                for (uint at = 0; at < found.Value.Length; at++) Assert.True(staged.Add(start + at));
            }
            else if (staged.Count > 0)
            {
                uint start = staged.ElementAt(random.Next(staged.Count));
                uint end = start + 1;
                while (end < start + length && staged.Contains(end)) end++;
                FsBlock block = context.Geometry.FsBlockOf(Ag, new(start));
                context.Groups.DeferFreeCow(block, end - start);
                context.Groups.DeferFree(block, end - start, owner: null);
                for (uint at = start; at < end; at++) staged.Remove(at);
            }

            context.Editor.Commit();
            context.Deferred.FinishAll(context);
            if (i % 300 == 299) CheckStaged(edited, staged);
        }

        Assert.NotEmpty(staged);
        context.Groups.FreeCowLeftovers();
        CheckStaged(edited, []);
        var after = new GroupContents(edited.Reopen(), Ag);
        // The trees have grown meanwhile; their blocks are all that is missing.
        HashSet<uint> own = [.. after.ReverseMap
            .Where(at => at.Owner is RmapOwner.Ag or RmapOwner.Refcount)
            .SelectMany(at => Blocks(new(at.Start, at.Length)))];
        HashSet<uint> wanted = [.. before.SelectMany(Blocks).Where(block => !own.Contains(block))];
        Assert.Equal(wanted.Order(), after.FreeByStart.SelectMany(Blocks).Where(wanted.Contains));
    }

    private static void CheckStaged(EditedImage edited, HashSet<uint> staged)
    {
        var contents = new GroupContents(edited.Reopen(), Ag);
        Assert.All(contents.Refcounts, at => Assert.True(at is { IsCow: true, Count: 1 }));
        Same(staged.Order(), contents.Refcounts.SelectMany(at => Blocks(new(at.Start, at.Length))));
        Same(
            contents.Refcounts.Select(at => new FreeRecord(at.Start, at.Length)),
            contents.ReverseMap.Where(at => at.Owner == RmapOwner.Cow)
                .Select(at => new FreeRecord(at.Start, at.Length)));
        contents.CheckFreeSpace();
        contents.CheckOwnBlocks();
    }

    private static EditedImage Open(Scratch scratch)
    {
        string image = scratch.SparseFile("data.img", 320L << 20);
        XfsPrograms.System.MakeFilesystem(image, "-b", "size=1024", "-m", "rmapbt=1,reflink=1");
        return new(image);
    }

    private static bool IsInStretch(uint block) => block is >= First and < First + Length;

    private static IEnumerable<uint> Blocks(FreeRecord free) =>
        Enumerable.Range((int)free.Start.Value, (int)free.Length).Select(block => (uint)block);

    private static IEnumerable<uint> FreeIn(int[] counts) =>
        Enumerable.Range(0, counts.Length).Where(at => counts[at] == 0).Select(at => First + (uint)at);

    /// <summary>Runs of blocks with the same count of two or more.</summary>
    private static List<RefcountRecord> Shared(int[] counts)
    {
        var records = new List<RefcountRecord>();
        for (int at = 0; at < counts.Length;)
        {
            int end = at;
            while (end < counts.Length && counts[end] == counts[at]) end++;
            if (counts[at] > 1) records.Add(new(new(First + (uint)at), (uint)(end - at), (uint)counts[at], false));
            at = end;
        }

        return records;
    }

    private static void Same<T>(IEnumerable<T> wanted, IEnumerable<T> found) => Assert.Equal(wanted, found);
}
