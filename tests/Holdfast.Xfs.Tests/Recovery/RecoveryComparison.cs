// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// The mounted view of a recovered image against what the kernel says after its own recovery. What inodes own has to be
/// equal; other rows at least to 99 % of their bytes.
/// </summary>
internal sealed class RecoveryComparison
{
    private const double OthersEqualMin = 0.99;
    private readonly List<string> _failures = [];
    private readonly List<string> _notes = [];

    private RecoveryComparison()
    {
    }

    /// <summary>What must not be; empty where all is well.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Differences that are allowed, each listed.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public bool IsEqual => _failures.Count == 0;

    public static RecoveryComparison Of(KernelAnswers kernel, RecoveredImage ours)
    {
        var comparison = new RecoveryComparison();
        comparison.CompareRecovery(ours);
        comparison.CompareFsmap(kernel, ours);
        comparison.CompareBmap(kernel, ours);
        comparison.ComparePaths(kernel, ours);
        return comparison;
    }

    public override string ToString() => string.Join('\n', [.. _failures, .. _notes.Select(note => $"(note) {note}")]);

    private void CompareRecovery(RecoveredImage ours)
    {
        if (ours.Log.Stopped is { } stopped) _failures.Add($"replay stopped: {stopped}");
        foreach (Fault fault in ours.Log.Obstacles) _failures.Add($"obstacle: {fault}");
        foreach (Fault fault in ours.Finished.Faults) _failures.Add($"given up: {fault}");
    }

    private void CompareFsmap(KernelAnswers kernel, RecoveredImage ours) => Try("fsmap", () =>
    {
        List<FsmapRow> wanted = [.. OnData(kernel.Fsmap)];
        List<FsmapRow> found = [.. OnData(ours.Reader.Map(useRmapbt: true))];
        if (!ours.Volume.Features.ReverseMapBtree)
        {
            wanted = [.. FsmapRows.UsedAndFree(wanted)];
            found = [.. FsmapRows.UsedAndFree(found)];
        }

        int blockSize = ours.Volume.Geometry.BlockSize;
        ByteRangeSet allocated = ours.Finished.AllocatedByRecovery;
        RowDifference inodes = RowDifference.Of(
            wanted.Where(row => row.IsInode), found.Where(row => row.IsInode), blockSize, allocated);
        if (!inodes.IsNone) _failures.Add($"rows of inodes: {inodes}");
        else if (inodes.Moved > 0) _notes.Add($"rows of inodes: {inodes.Moved} blocks lie elsewhere");
        List<FsmapRow> others = wanted.FindAll(row => !row.IsInode);
        RowDifference rest = RowDifference.Of(others, found.Where(row => !row.IsInode), blockSize, ByteRangeSet.From([]));
        if (!rest.IsNone)
        {
            long bytes = others.Sum(row => row.Length);
            long used = others.Where(row => row.Owner != OwnerKind.Free).Sum(row => row.Length);
            long differing = Math.Max(rest.Missing.Count, rest.Extra.Count) * (long)blockSize;
            List<string> list = differing <= bytes * (1 - OthersEqualMin) ? _notes : _failures;
            list.Add($"other rows: {differing} of {bytes} bytes ({used} not free) differ: {rest}");
        }

        if (!ours.Volume.Features.ReverseMapBtree) return;
        RowDifference built = RowDifference.Of(
            found, OnData(ours.Reader.Map(useRmapbt: false)), blockSize, ByteRangeSet.From([]));
        if (!built.IsNone) _failures.Add($"the map that is built differs from the rmapbt: {built}");
    });

    private void CompareBmap(KernelAnswers kernel, RecoveredImage ours) => Try("bmap", () =>
    {
        HashSet<ulong> mappable = [.. kernel.Inodes.Where(at => at.IsMappable).Select(at => at.Inode)];
        // A realtime file's rows lie on another device, and its attribute fork's are not to be trusted.
        RowDifference bmap = RowDifference.Of(
            FsmapRows.Extents(OnData(kernel.Bmap).Where(row => mappable.Contains(row.Inode))),
            FsmapRows.Extents(OnData(ours.Reader.Map(useRmapbt: false)).Where(row => mappable.Contains(row.Inode))),
            ours.Volume.Geometry.BlockSize, ours.Finished.AllocatedByRecovery);
        if (!bmap.IsNone) _failures.Add($"extents of files and directories: {bmap}");
    });

    private void ComparePaths(KernelAnswers kernel, RecoveredImage ours) => Try("paths", () =>
    {
        InodePaths wanted = InodePaths.FromZeroSeparated(kernel.Paths);
        Same.Lines("paths by directories", wanted.Lines(), ours.Reader.PathsByDirectories().Lines());
        Same.Lines("paths of inodes", wanted.Lines(), ours.Reader.PathsOf(
            [.. wanted.Inodes.Select(at => new Paths.WantedInode(
                at, wanted[at] is [{ Bytes.IsEmpty: true }] ? 0 : (uint)wanted[at].Count))]).Lines());
    });

    private void Try(string what, Action compare)
    {
        try
        {
            compare();
        }
        catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException)
        {
            _failures.Add($"{what}: {e.Message}");
        }
    }

    private static IEnumerable<FsmapRow> OnData(IEnumerable<FsmapRow> rows) =>
        rows.Where(row => row.Device == DeviceRole.Data);
}
