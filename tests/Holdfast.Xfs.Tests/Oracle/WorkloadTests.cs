// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>A comparison proves nothing about a form that the workload does not make: it has to make each.</summary>
public sealed partial class WorkloadTests
{
    // Where a directory's hash index and its free-space index begin, in bytes of its own address space.
    private const long IndexAt = 32L << 30;
    private const long FreeIndexAt = 64L << 30;

    [RootFact]
    public void Directories_are_of_every_form()
    {
        OracleImage image = OracleImage.Get("default");
        ILookup<ulong, long> places = image.Fsmap
            .Where(row => row is { IsInode: true, Fork: ForkKind.Data, BlockMap: false })
            .ToLookup(row => row.Inode, row => row.Offset);
        ulong[] directories = [.. image.Answers.Inodes.Where(at => at.IsDirectory).Select(at => at.Inode)];
        Assert.Contains(directories, at => !places.Contains(at)); // inside the inode
        Assert.Contains(directories, at => places[at].Count() == 1); // one block
        Assert.Contains(directories, at => places[at].Any(IsIndex) && !places[at].Any(IsFreeIndex)); // a leaf
        Assert.Contains(directories, at => places[at].Any(IsFreeIndex)); // a tree of leaves

        static bool IsIndex(long offset) => offset is >= IndexAt and < FreeIndexAt;
        static bool IsFreeIndex(long offset) => offset >= FreeIndexAt;
    }

    [RootFact]
    public void Extents_are_of_every_kind()
    {
        OracleImage image = OracleImage.Get("default");
        Assert.Contains(image.Fsmap, row => row.Unwritten);
        Assert.Contains(image.Fsmap, row => row.Shared);
        Assert.Contains(image.Fsmap, row => row is { BlockMap: true, Fork: ForkKind.Data });
        Assert.Contains(image.Fsmap, row => row.Fork == ForkKind.Attribute);
        Assert.Contains(image.Fsmap, row => row.Offset > 1L << 40);
        HashSet<ulong> symlinks = [.. image.Answers.Inodes.Where(at => at.IsSymlink).Select(at => at.Inode)];
        Assert.Contains(image.Fsmap, row => symlinks.Contains(row.Inode)); // a target in blocks of its own
    }

    [RootFact]
    public void Some_block_map_has_two_levels_of_blocks()
    {
        OracleImage image = OracleImage.Get("default");
        ulong inode = image.Paths.Inodes.Single(at => image.Paths[at].Contains(PathName.FromText("pieces/unwritten")));
        string told = XfsPrograms.System.Inspect(image.Images.Data, $"inode {inode}", "print u3.bmbt.level");
        Assert.Contains("u3.bmbt.level = 2", told, StringComparison.Ordinal);
    }

    [RootFact]
    public void Some_inode_chunks_have_holes()
    {
        OracleImage image = OracleImage.Get("default");
        string[] commands =
        [
            .. Enumerable.Range(0, 4).SelectMany(ag => new[] { $"agi {ag}", "addr root", "print recs" }),
        ];
        string told = XfsPrograms.System.Inspect(image.Images.Data, commands);
        Assert.Contains(HoleMask().Matches(told), match => match.Groups[1].Value is not "0");
    }

    // startino, holemask, count…
    [GeneratedRegex(@"\d+:\[\d+,(\w+),\d+,")]
    private static partial Regex HoleMask();
}
