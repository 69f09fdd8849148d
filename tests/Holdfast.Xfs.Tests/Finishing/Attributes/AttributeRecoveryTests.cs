// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Tests.Recovery;
using Holdfast.Xfs.Volume;
using Xunit;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// Attribute intents that a crash left open, carried out here and by a mount of a copy.
/// </summary>
public sealed class AttributeRecoveryTests
{
    /// <summary>So few that the kernel ends all of them before it writes any of its log.</summary>
    private const int CasesALog = 180;

    [RootTheory]
    [InlineData("default")]
    [InlineData("inode-2k")]
    [InlineData("block-1k")]
    [InlineData("block-64k")]
    public void Open_intents_end_as_a_mount_ends_them(string geometry) => Run(geometry);

    [RootTheory(Needs.MountedXfs | Needs.NewerXfsprogs)]
    [InlineData("parent")]
    [InlineData("parent-block-1k")]
    public void Open_intents_of_parent_pointers_end_as_a_mount_ends_them(string geometry) => Run(geometry);

    /// <summary>
    /// A remote value in place of the attribute whose going leaves one leaf of a tree: 6.18 looks for the new entry in
    /// the leaf that was, and fails.
    /// </summary>
    [RootFact]
    public void What_a_mount_fails_on_is_given_up()
    {
        using var scratch = new Scratch("attribute-refused");
        ImageSet images = XfsGeometry.Named("block-1k").MakeFilesystem(scratch);
        IReadOnlyList<(string File, ulong Inode, AttributeIntent Intent)> cases = Make(images, scratch);
        ulong refused = Refused(images, cases).Min();
        ImageSet crashed = Crashed(images, scratch, [cases.Single(at => at.Inode == refused).Intent]);
        using var ours = new RecoveredImage(crashed);
        Assert.Single(ours.Finished.Faults);
        Assert.Equal(0, ours.Finished.IntentsFinished);
        var failure = Assert.Throws<InvalidOperationException>(
            () => LoopMount.ReadOnly(LogImage.Copy(crashed, scratch), scratch, recoverLog: true).Dispose());
        Assert.Contains("Structure needs cleaning", failure.Message);
    }

    private static void Run(string name)
    {
        using var scratch = new Scratch("attribute-recovery");
        ImageSet images = XfsGeometry.Named(name).MakeFilesystem(scratch);
        IReadOnlyList<(string File, ulong Inode, AttributeIntent Intent)> cases = Make(images, scratch);
        HashSet<ulong> refused = Refused(images, cases);
        Assert.Equal(2, refused.Count);
        Assert.All(cases.Where(at => refused.Contains(at.Inode)), at => Assert.EndsWith(".replace-remote", at.File));
        int parts = 0;
        int equal = 0;
        foreach (var part in cases.Where(at => !refused.Contains(at.Inode)).Chunk(CasesALog))
        {
            parts++;
            if (IsEqual($"{name}, part {parts}", images, scratch, part)) equal++;
        }

        // Where blocks go that were freed a moment ago hangs on when the kernel writes its log.
        Assert.True(equal * 4 >= parts * 3, $"{name}: {equal} of {parts} are equal in every row");
    }

    /// <returns>True where nothing differs; false where blocks that recovery allocated lie elsewhere.</returns>
    private static bool IsEqual(
        string what, ImageSet images, Scratch scratch, (string File, ulong Inode, AttributeIntent Intent)[] cases)
    {
        ImageSet crashed = Crashed(images, scratch, [.. cases.Select(at => at.Intent)]);
        using var ours = new RecoveredImage(crashed);
        Assert.Empty(ours.Finished.Faults);
        Assert.Empty(ours.Finished.Leaks);
        Assert.Equal(cases.Length, ours.Finished.IntentsFinished);
        ImageSet copy = LogImage.Copy(crashed, scratch);
        IReadOnlyList<FsmapRow> kernel;
        using (LoopMount mount = LoopMount.ReadOnly(copy, scratch, recoverLog: true))
        {
            using var tree = new Tree(mount.Point);
            kernel = [.. Fsmap.ReadAll(tree, mount.RoleOf).Where(row => row.Device == DeviceRole.Data)];
        }

        using var reader = new Reader(copy.Data);
        Same.Lines(what, Attributes(reader.Volume, cases), Attributes(ours.Volume, cases));
        bool isEqual = Compare(what, kernel, ours);
        if (isEqual) Same.Lines(what, Forks(reader.Volume, cases), Forks(ours.Volume, cases));
        File.Delete(crashed.Data);
        File.Delete(copy.Data);
        return isEqual;
    }

    /// <summary>What the kernel would not end, and so neither do we.</summary>
    private static HashSet<ulong> Refused(
        ImageSet images, IReadOnlyList<(string File, ulong Inode, AttributeIntent Intent)> cases)
    {
        using var bench = new AttributeBench(images.Data);
        return [.. bench.RunAll([.. cases.Select(at => at.Intent)]).Select(at => at.Inode)];
    }

    private static ImageSet Crashed(ImageSet images, Scratch scratch, ReadOnlySpan<AttributeIntent> intents)
    {
        string crashed = scratch.PathOf($"crashed-{Guid.NewGuid():N}.img");
        ProgramRun.Require("cp", "--sparse=always", images.Data, crashed);
        using var reader = new Reader(crashed);
        AttributeIntentLog.Write(new(crashed), reader.Volume.Geometry.Uuid, intents);
        return new(crashed);
    }

    private static bool Compare(string what, IReadOnlyList<FsmapRow> kernel, RecoveredImage ours)
    {
        FsmapRow[] found = [.. ours.Reader.Map(useRmapbt: true).Where(row => row.Device == DeviceRole.Data)];
        int blockSize = ours.Volume.Geometry.BlockSize;
        if (RowDifference.Of(kernel, found, blockSize, ByteRangeSet.From([])).IsNone) return true;
        RowDifference rows = RowDifference.Of(
            kernel.Where(row => row.IsInode), found.Where(row => row.IsInode), blockSize,
            ours.Finished.AllocatedByRecovery);
        Assert.True(rows.IsNone, $"{what}: {rows}");
        return false;
    }

    private static IEnumerable<string> Attributes(
        XfsVolume volume, IEnumerable<(string File, ulong Inode, AttributeIntent Intent)> cases) =>
        from at in cases
        from attribute in AttributeBench.Read(volume, new(at.Inode))
        select $"{at.File}: {attribute.Key} = {attribute.Value}";

    private static IEnumerable<string> Forks(
        XfsVolume volume, IEnumerable<(string File, ulong Inode, AttributeIntent Intent)> cases) =>
        from at in cases
        from line in AttributeForkDump.Of(volume, at.Inode)
        select $"{at.File}: {line}";

    private static IReadOnlyList<(string File, ulong Inode, AttributeIntent Intent)> Make(
        ImageSet images, Scratch scratch)
    {
        using LoopMount mount = LoopMount.Writable(images, scratch);
        using var tree = new Tree(mount.Point);
        (int blockSize, int inodeSize, bool hasParents) = Sizes(images);
        var cases = new AttributeCases(blockSize, inodeSize, hasParents);
        cases.MakeFiles(tree);
        tree.Sync();
        Dictionary<ulong, InodeStat> inodes = Bulkstat.ReadAll(tree).ToDictionary(at => at.Inode);
        Dictionary<string, ulong> numbers = Numbers(mount.Point);
        return cases.Intents(file => inodes[numbers[file]]);
    }

    private static (int BlockSize, int InodeSize, bool HasParents) Sizes(ImageSet images)
    {
        using var reader = new Reader(images.Data);
        var geometry = reader.Volume.Geometry;
        return (geometry.BlockSize, geometry.InodeSize, geometry.Features.ParentPointers);
    }

    private static Dictionary<string, ulong> Numbers(string folder) => ProgramRun
        .Require("find", folder, "-mindepth", "1", "-maxdepth", "1", "-printf", "%f %i\n").Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
        .ToDictionary(part => part[0], part => ulong.Parse(part[1], CultureInfo.InvariantCulture));
}
