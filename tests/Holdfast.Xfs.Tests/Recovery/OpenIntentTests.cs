// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: each kind of intent that a crash may leave open is carried to the end that a mount carries it to.
/// Method: transactions put into the log of a clean filesystem, such as the kernel writes for a truncation, a reflink,
/// a remapping or an exchange, stopped before anything of it was done; every row, extent and path against a mount.
/// </summary>
public sealed class OpenIntentTests
{
    private const uint MapRmap = 1, MapSharedRmap = 2, UnmapRmap = 3, UnmapSharedRmap = 4;
    private const uint UnwrittenRmap = 1u << 29;
    private const uint Increase = 1, Decrease = 2;
    private const uint Map = 1, Unmap = 2;
    private const ulong SetSizes = 2, Inode1Written = 4;

    private const string Default = "-m rmapbt=1 -n parent=1 -i exchange=1 -l size=12m";
    private const string SmallBlocks = "-b size=1024 -m rmapbt=1 -i exchange=1 -l size=12m";
    private const string NoReverseMap = "-m rmapbt=0 -i exchange=1 -l size=12m";
    private const string OldCounts = "-m rmapbt=1,bigtime=0 -i exchange=1,nrext64=0 -l size=12m";

    public static TheoryData<string> Geometries => [Default, SmallBlocks, NoReverseMap, OldCounts];

    // A file loses its extents; their reverse maps and the blocks are still to be freed.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [MemberData(nameof(Geometries))]
    public void Freed_extents(string arguments)
    {
        using var test = new IntentCase(arguments, tree =>
        {
            for (int i = 0; i < 8; i++) Scattered(tree, $"f{i}", pieces: i + 1, arguments);
        });
        int intents = 0;
        for (int i = 0; i < 8; i++)
        {
            IReadOnlyList<ExtentRecord> extents = test.ExtentsOf($"f{i}");
            List<byte[][]> items = [test.Changed($"f{i}", [])];
            foreach (ExtentRecord extent in extents.Reverse())
            {
                if (HasRmapbt(arguments)) items.Add(Rmap(test, $"f{i}", extent, UnmapRmap, ref intents));
                items.Add(IntentRegions.Of(new ExtentFreeIntent(
                    test.NextId, default, false, [new(extent.Start.Value, extent.Length)])));
                intents++;
            }

            test.Log.Add(items);
        }

        test.Compare(arguments, intents);
    }

    // Extents move from one file to another; the reverse maps do not know yet.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [InlineData(Default)]
    [InlineData(SmallBlocks)]
    [InlineData(OldCounts)]
    public void Reverse_maps(string arguments)
    {
        using var test = new IntentCase(arguments, tree =>
        {
            for (int i = 0; i < 8; i++)
            {
                Scattered(tree, $"from{i}", pieces: i + 1, arguments);
                tree.Create($"to{i}");
            }
        });
        int intents = 0;
        for (int i = 0; i < 8; i++)
        {
            IReadOnlyList<ExtentRecord> extents = test.ExtentsOf($"from{i}");
            List<byte[][]> items = [test.Changed($"from{i}", []), test.Changed($"to{i}", extents)];
            foreach (ExtentRecord extent in extents)
            {
                items.Add(Rmap(test, $"from{i}", extent, UnmapRmap, ref intents));
                items.Add(Rmap(test, $"to{i}", extent, MapRmap, ref intents));
            }

            test.Log.Add(items);
        }

        test.Compare(arguments, intents);
    }

    // Of several files that share extents, some lose them.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [MemberData(nameof(Geometries))]
    public void Reference_counts(string arguments)
    {
        const int Sharers = 4;
        using var test = new IntentCase(arguments, tree => Shared(tree, Sharers, arguments));
        int intents = 0;
        for (int i = 1; i < Sharers; i++)
        {
            IReadOnlyList<ExtentRecord> extents = test.ExtentsOf($"shared{i}");
            // The first half of the extents; all of them in the last file.
            IReadOnlyList<ExtentRecord> lost = [.. extents.Take(i == Sharers - 1 ? extents.Count : extents.Count / 2)];
            List<byte[][]> items = [test.Changed($"shared{i}", [.. extents.Except(lost)])];
            foreach (ExtentRecord extent in lost)
            {
                if (HasRmapbt(arguments)) items.Add(Rmap(test, $"shared{i}", extent, UnmapSharedRmap, ref intents));
                items.Add(Count(test, extent, Decrease, ref intents));
            }

            test.Log.Add(items);
        }

        test.Compare(arguments, intents);
    }

    // Extents of one file are to take the place of another's, as a reflink remaps them.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [MemberData(nameof(Geometries))]
    public void Block_maps(string arguments)
    {
        const int Sharers = 3;
        using var test = new IntentCase(arguments, tree =>
        {
            Shared(tree, Sharers, arguments);
            using TreeFile source = tree.OpenFile("shared0");
            using TreeFile target = tree.OpenFile("target", create: true);
            // It is to be one that shares, as its flag says.
            target.TryCloneRange(source, 0, 8 << 10, 0);
            for (int i = 1; i < 40; i++) target.Write(i * (128L << 10), new byte[64 << 10]);
        });
        int intents = 0;
        IReadOnlyList<ExtentRecord> sources = test.ExtentsOf("shared1");
        foreach (ExtentRecord target in test.ExtentsOf("target").Skip(1).Where((_, i) => i % 3 == 0))
        {
            ExtentRecord source = sources[(int)(target.Start.Value % (ulong)sources.Count)];
            uint length = Math.Min(source.Length, target.Length);
            ExtentRecord old = target with { Length = length };
            ExtentRecord taken = source with { Offset = target.Offset, Length = length };
            test.Log.Add(
            [
                BlockMap(test, "target", old, Unmap, ref intents), Count(test, old, Decrease, ref intents),
                Count(test, taken, Increase, ref intents), BlockMap(test, "target", taken, Map, ref intents),
            ]);
        }

        test.Compare(arguments, intents);
    }

    // Two files whose extents change places, in part or with their sizes.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [InlineData(Default, 40)]
    [InlineData(SmallBlocks, 700)]
    [InlineData(NoReverseMap, 40)]
    [InlineData(OldCounts, 300)]
    public void Exchanges(string arguments, int pieces)
    {
        string[] pairs = ["whole", "part", "written", "empty"];
        using var test = new IntentCase(arguments, tree =>
        {
            foreach (string pair in pairs)
            {
                // Nothing must come to lie behind an end: that is another test's matter.
                long size = 3L * pieces * BlockSize(arguments) + 1000;
                Scattered(tree, pair + 1, pieces, arguments, size);
                Scattered(tree, pair + 2, pair == "empty" ? 0 : 1 + pieces / 7, arguments, size + 70000);
            }
        });
        foreach (string pair in pairs)
        {
            (uint generation1, long size1) = test.StatOf(pair + 1);
            (uint generation2, long size2) = test.StatOf(pair + 2);
            ulong blocks = (ulong)(Math.Max(size1, size2) + test.Geometry.BlockSize - 1) >> test.Geometry.BlockLog;
            ulong from = pair == "part" ? blocks / 4 : 0;
            ulong flags = pair switch { "part" => 0, "written" => Inode1Written, _ => SetSizes };
            test.Log.Add(new ExchangeIntent(
                test.NextId, default, test.InodeOf(pair + 1), test.InodeOf(pair + 2), generation1, generation2, from,
                from, pair == "part" ? blocks / 8 : blocks, flags, (flags & SetSizes) != 0 ? size2 : -1,
                (flags & SetSizes) != 0 ? size1 : -1));
        }

        test.Compare(arguments, pairs.Length);
    }

    // An exchange that makes a file longer: recovery still knows the old end, and what it finds behind that goes.
    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [InlineData(Default)]
    [InlineData(SmallBlocks)]
    public void Blocks_behind_the_end_of_a_file_that_an_intent_names(string arguments)
    {
        using var test = new IntentCase(arguments, tree =>
        {
            Scattered(tree, "long", pieces: 12, arguments);
            Scattered(tree, "short", pieces: 4, arguments);
        });
        (uint generation1, long size1) = test.StatOf("long");
        (uint generation2, long size2) = test.StatOf("short");
        test.Log.Add(new ExchangeIntent(
            test.NextId, default, test.InodeOf("long"), test.InodeOf("short"), generation1, generation2, 0, 0,
            (ulong)size1 >> test.Geometry.BlockLog, SetSizes, size2, size1));
        test.CompareWritable(arguments);
    }

    private static bool HasRmapbt(string arguments) => arguments.Contains("rmapbt=1", StringComparison.Ordinal);

    private static int BlockSize(string arguments) =>
        arguments.Contains("size=1024", StringComparison.Ordinal) ? 1024 : 4096;

    /// <summary>Extents that touch in neither offset nor place: written block by block, every second one.</summary>
    private static void Scattered(Tree tree, string name, int pieces, string arguments, long size = 0)
    {
        int blockSize = BlockSize(arguments);
        using TreeFile file = tree.OpenFile(name, create: true);
        for (int i = 0; i < pieces; i++)
        {
            file.Write(3L * i * blockSize, new byte[(1 + i % 2) * blockSize]);
        }

        if (size > 0) file.SetLength(size);

        file.Flush();
    }

    private static void Shared(Tree tree, int sharers, string arguments)
    {
        Scattered(tree, "shared0", 10, arguments);
        using TreeFile source = tree.OpenFile("shared0");
        for (int i = 1; i < sharers; i++)
        {
            using TreeFile file = tree.OpenFile($"shared{i}", create: true);
            Assert.True(file.TryCloneRange(source, 0, 0, 0));
        }
    }

    private static byte[][] Rmap(IntentCase test, string file, ExtentRecord extent, uint operation, ref int intents)
    {
        intents++;
        return IntentRegions.Of(new ReverseMapIntent(test.NextId, default, false,
        [
            new(test.InodeOf(file), extent.Start.Value, extent.Offset.Value, extent.Length,
                operation | (extent.Unwritten ? UnwrittenRmap : 0)),
        ]));
    }

    private static byte[][] Count(IntentCase test, ExtentRecord extent, uint operation, ref int intents)
    {
        intents++;
        return IntentRegions.Of(new RefcountIntent(
            test.NextId, default, false, [new(extent.Start.Value, extent.Length, operation)]));
    }

    private static byte[][] BlockMap(IntentCase test, string file, ExtentRecord extent, uint operation, ref int intents)
    {
        intents++;
        return IntentRegions.Of(new BlockMapIntent(test.NextId, default,
        [
            new(test.InodeOf(file), extent.Start.Value, extent.Offset.Value, extent.Length, operation),
        ]));
    }
}
