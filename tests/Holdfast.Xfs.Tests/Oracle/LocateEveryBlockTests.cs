// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Impacts;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Goal: whichever block is lost, the answer names its owners, their places and their paths as the kernel knew them.
/// Method: every block of bundled filesystems in turn is declared bad and never read; owners against GETFSMAP, paths
/// against find. What rests on the lost block itself may be incomplete, and then has to say that it does.
/// </summary>
public sealed class LocateEveryBlockTests
{
    private const int BlockSize = 4096;
    private const int LinesShown = 20;

    // Parent pointers: paths need no pass over the directories.
    [Fact]
    public void Every_block_has_its_owners_and_their_paths() =>
        Sweep("newest", step: 1);

    // Without them every answer takes a pass over all directories.
    [Fact]
    public void Every_block_has_its_owners_and_their_paths_without_parent_pointers() =>
        Sweep("quota", step: 1);

    // Without an rmapbt every answer takes a scan of all inodes, so not every block is asked for here.
    [Fact]
    public void Blocks_without_an_rmapbt_have_the_owners_and_paths_that_file_by_file_the_kernel_gives_them() =>
        Sweep("v4", step: 5);

    [Fact]
    public void The_lost_entries_of_a_directorys_blocks_are_together_all_it_has()
    {
        OracleImage image = OracleImage.Bundled("newest");
        var entries = new ConcurrentDictionary<ulong, ConcurrentBag<string>>();
        long blocks = Blocks(image);
        var owners = new KernelOwners(image.Fsmap, BlockSize, blocks);
        HashSet<ulong> directories = [.. image.Answers.Inodes.Where(at => at.IsDirectory).Select(at => at.Inode)];
        IEnumerable<long> theirs = EveryBlock(blocks).Where(block => owners.RowsOf(block).Any(row =>
            row is { IsInode: true, Fork: ForkKind.Data } && directories.Contains(row.Inode)));
        BlockSweep.Run(image, BlockSize, theirs, (_, answer) =>
        {
            foreach (Impact impact in answer.Impacts.Where(impact => impact.Fork == ForkKind.Data))
            {
                ConcurrentBag<string> bag = entries.GetOrAdd(impact.Inode!.Value, _ => []);
                foreach (LostEntry entry in impact.LostEntries) bag.Add($"{impact.Inode}: {entry.Inode} {entry.Name}");
            }

            return [];
        });
        Assert.True(entries.Count > 20, "too few directories with blocks of their own");
        Same.Lines(
            "entries of directories",
            Children(image).Where(child => entries.ContainsKey(child.Parent)).Select(Line).Order(),
            entries.Values.SelectMany(bag => bag).Order());
    }

    [Fact]
    public void The_lost_inodes_of_all_blocks_are_together_all_there_are()
    {
        OracleImage image = OracleImage.Bundled("quota");
        var found = new ConcurrentBag<ulong>();
        long blocks = Blocks(image);
        var owners = new KernelOwners(image.Fsmap, BlockSize, blocks);
        IEnumerable<long> chunks = EveryBlock(blocks).Where(block =>
            owners.RowsOf(block).Any(row => row.Owner == OwnerKind.Inodes));
        BlockSweep.Run(image, BlockSize, chunks, (_, answer) =>
        {
            foreach (LostInode lost in answer.Impacts.SelectMany(impact => impact.LostInodes)) found.Add(lost.Inode);
            return [];
        });
        // The kernel shows nobody the inodes of the realtime bitmap and summary, nor those of the three quotas.
        ulong[] hidden = [129, 130, 131, 132, 133];
        IEnumerable<ulong> wanted = image.Answers.Inodes.Select(at => at.Inode).Concat(hidden);
        Same.Lines("lost inodes", wanted.Order(), found.Order());
    }

    private static void Sweep(string name, int step)
    {
        OracleImage image = OracleImage.Bundled(name);
        long blocks = Blocks(image);
        KernelOwners owners = image.HasRmapbt
            ? new KernelOwners(image.Fsmap, BlockSize, blocks)
            : new KernelOwners(image.Bmap, BlockSize, blocks, impact => IsInBmap(image, impact));
        IEnumerable<long> asked = EveryBlock(blocks).Where(block => block % step == 0);
        IReadOnlyList<string> wrong = BlockSweep.Run(image, BlockSize, asked, Check);
        Assert.True(wrong.Count == 0, $"{name}: {wrong.Count} wrong\n{string.Join('\n', wrong.Take(LinesShown))}");

        IEnumerable<string> Check(long block, LocateAnswer answer)
        {
            string wanted = string.Join("; ", owners.Wanted(block));
            string found = string.Join("; ", owners.Found(block, answer));
            if (wanted != found) yield return $"wanted {wanted}, found {found}";
            foreach (string text in Paths(image, answer)) yield return text;
            if (answer.IsComplete) yield break;
            IReadOnlyList<FsmapRow> rows = owners.RowsOf(block);
            if (rows.Count > 0 && rows.All(row => IsHarmlessToLose(image, row)))
            {
                yield return "incomplete for no reason";
            }

            ByteRange lost = new(block * BlockSize, BlockSize);
            if (!answer.Faults.Any(fault => new ByteRange(fault.Offset, fault.Length).Overlaps(lost)))
            {
                yield return "incomplete, and no fault names the block";
            }
        }
    }

    /// <summary>Every path of every inode hit or lost; fewer only where the answer says it is incomplete.</summary>
    private static IEnumerable<string> Paths(OracleImage image, LocateAnswer answer)
    {
        IEnumerable<(ulong Inode, IReadOnlyList<PathName> Paths)> named = answer.Impacts
            .Where(impact => impact.Inode is not null)
            .Select(impact => (impact.Inode!.Value, impact.Paths))
            .Concat(answer.Impacts.SelectMany(impact => impact.LostInodes).Select(lost => (lost.Inode, lost.Paths)));
        foreach ((ulong inode, IReadOnlyList<PathName> paths) in named)
        {
            IReadOnlyList<PathName> wanted = image.Paths[inode];
            if (wanted.Count == 0) continue; // an inode of the filesystem's own: no mount shows it
            bool right = answer.IsComplete ? wanted.SequenceEqual(paths) : paths.All(wanted.Contains);
            if (right) continue;
            yield return $"inode {inode} has paths {string.Join(", ", wanted.Take(3))}…, "
                + $"found {string.Join(", ", paths.Take(3))}…";
        }
    }

    /// <summary>What GETBMAPX answers for: the content of files and directories, not their block maps.</summary>
    private static bool IsInBmap(OracleImage image, Impact impact) =>
        impact is { Owner: OwnerKind.Inode, BlockMap: false, Inode: { } inode } && image.MappableInodes.Contains(inode);

    /// <summary>Free space and the content of regular files: no answer rests on either.</summary>
    private static bool IsHarmlessToLose(OracleImage image, FsmapRow row) =>
        row.Owner is OwnerKind.Free or OwnerKind.Log
        || (row is { IsInode: true, Fork: ForkKind.Data, BlockMap: false }
            && image.Answers.Inodes.Any(at => at.Inode == row.Inode && at.IsRegular));

    private static long Blocks(OracleImage image) =>
        image.Fsmap.Where(row => row.Device == DeviceRole.Data).Max(row => row.End) / BlockSize;

    private static IEnumerable<long> EveryBlock(long blocks)
    {
        for (long block = 0; block < blocks; block++) yield return block;
    }

    /// <summary>Every directory entry below the root, from what find says.</summary>
    private static IEnumerable<(ulong Parent, ulong Inode, PathName Name)> Children(OracleImage image)
    {
        Dictionary<PathName, ulong> inodes = image.Paths.Inodes
            .SelectMany(inode => image.Paths[inode].Select(path => (path, inode)))
            .ToDictionary(pair => pair.path, pair => pair.inode);
        foreach ((PathName path, ulong inode) in inodes)
        {
            if (path.Bytes.IsEmpty) continue;
            int slash = path.Bytes.Span.LastIndexOf((byte)'/');
            yield return (inodes[new(path.Bytes[..Math.Max(0, slash)])], inode, new(path.Bytes[(slash + 1)..]));
        }
    }

    private static string Line((ulong Parent, ulong Inode, PathName Name) child) =>
        $"{child.Parent}: {child.Inode} {child.Name}";
}
