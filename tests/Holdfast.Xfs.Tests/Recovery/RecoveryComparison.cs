// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// The mounted view of a recovered image against what the kernel says after its own recovery. What inodes own has to be
/// equal; other rows at least to 99 % of their bytes.
/// </summary>
internal sealed class RecoveryComparison
{
    private const double OthersEqualMin = 0.99;

    /// <summary>Where, in a directory's own address space, its hash index begins.</summary>
    private const long DirectoryIndexAt = 32L << 30;

    /// <summary>Blocks behind the end of files that the mount did not free in time.</summary>
    private ByteRangeSet _kept = ByteRangeSet.Empty;

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
        foreach (Fault fault in ours.Finished.Leaks) _failures.Add($"not freed: {fault}");
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
        Keep(ours, inodes);
        inodes = inodes.Without(row => IsTail(ours, row), out int tails).WithoutSharing(_kept);
        if (tails > 0) _notes.Add($"rows of inodes: {tails} blocks behind the end were not freed by the mount");
        if (!inodes.IsNone) _failures.Add($"rows of inodes: {inodes}");
        else if (inodes.Moved > 0) _notes.Add($"rows of inodes: {inodes.Moved} blocks lie elsewhere");
        List<FsmapRow> others = wanted.FindAll(row => !row.IsInode);
        RowDifference rest = RowDifference.Of(
            others, found.Where(row => !row.IsInode), blockSize, ByteRangeSet.Empty).WithoutFree(_kept);
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
        // Some answers do not tell what is shared, and end where a file's or a directory's size does.
        bool tellsShared = kernel.Bmap.Any(row => row.Shared);
        bool isWhole = kernel.Bmap.Any(row => row.Offset >= DirectoryIndexAt);
        int blockSize = ours.Volume.Geometry.BlockSize;
        RowDifference bmap = RowDifference.Of(
            FsmapRows.Extents(Told(kernel.Bmap)), FsmapRows.Extents(Told(ours.Reader.Map(useRmapbt: false))),
            blockSize, ours.Finished.AllocatedByRecovery);
        Keep(ours, bmap);
        bmap = bmap.Without(row => IsTail(ours, row), out _).WithoutSharing(_kept);
        if (!bmap.IsNone) _failures.Add($"extents of files and directories: {bmap}");

        IEnumerable<FsmapRow> Told(IEnumerable<FsmapRow> rows)
        {
            byte[] buffer = new byte[ours.Volume.Geometry.InodeSize];
            foreach (FsmapRow row in OnData(rows).Where(row => mappable.Contains(row.Inode)))
            {
                if (!InodeReader.Read(ours.Volume, new(row.Inode), buffer, out Inode inode)) continue;
                // A realtime file's attributes are said to be on the realtime device, or at wrong addresses.
                if (inode.IsRealtime) continue;
                long end = isWhole || row.Fork == ForkKind.Attribute
                    ? long.MaxValue
                    : (inode.Size + blockSize - 1) / blockSize * blockSize;
                if (row.Offset >= end) continue;
                yield return row with
                {
                    Length = Math.Min(row.Length, end - row.Offset), Shared = tellsShared && row.Shared,
                };
            }
        }
    });

    private void ComparePaths(KernelAnswers kernel, RecoveredImage ours) => Try("paths", () =>
    {
        InodePaths wanted = InodePaths.FromZeroSeparated(kernel.Paths);
        Same.Lines("paths by directories", wanted.Lines(), ours.Reader.PathsByDirectories().Lines());
        Same.Lines("paths of inodes", wanted.Lines(), ours.Reader.PathsOf(
            [.. wanted.Inodes.Select(at => new Paths.WantedInode(
                at, wanted[at] is [{ Bytes.IsEmpty: true }] ? 0 : (uint)wanted[at].Count))]).Lines());
    });

    private void Keep(RecoveredImage ours, RowDifference difference) => _kept = _kept.Union(ByteRangeSet.From(
        difference.Missing.Where(row => IsTail(ours, row)).Select(row => new ByteRange(row.Physical, row.Length))));

    /// <summary>
    /// A read-only mount lets workers free what lies behind the end of files, and forbids it a moment later.
    /// </summary>
    private static bool IsTail(RecoveredImage ours, FsmapRow row) =>
        row is { IsInode: true, Fork: ForkKind.Data }
        && ours.Finished.TailsFreed.TryGetValue(row.Inode, out ulong end)
        && (row.BlockMap || row.Offset >= (long)end << ours.Volume.Geometry.BlockLog);

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
