// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Mounted;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>
/// Goal: the map of a mounted filesystem is, row by row, the kernel's.
/// Method: frozen in the middle of a workload, read by the product and by the tests' own reader; and every question for
/// a range against the rows of the whole.
/// </summary>
public sealed class SpaceMapTests
{
    [RootTheory]
    [InlineData("default")]
    [InlineData("no-rmapbt")]
    [InlineData("block-1k")]
    [InlineData("block-16k")]
    [InlineData("many-groups")]
    [InlineData("external-log")]
    [InlineData("sector-4k")]
    [InlineData("folder-block-64k")]
    public void Of_a_busy_filesystem_every_row_is_the_kernels(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        IReadOnlyList<FsmapRow> wanted = busy.KernelRows();
        foreach (int rowsACall in (int[])[2048, 64])
        {
            var found = new List<FsmapRow>();
            new SpaceMap(busy.Xfs, rowsACall).ForEach(row => found.Add(Same(row)));
            Testing.Oracle.Same.Lines($"{geometry}, {rowsACall} rows a call", wanted, found);
        }
    }

    /// <summary>A range has the rows that have bytes in it, and no others, wherever it begins and ends.</summary>
    [RootTheory]
    [InlineData("default")]
    [InlineData("no-rmapbt")]
    [InlineData("external-log")]
    public void A_range_has_the_rows_that_touch_it(string geometry)
    {
        using var busy = new BusyFilesystem(geometry);
        IReadOnlyList<FsmapRow> all = busy.KernelRows();
        var random = new Random(1);
        foreach (DeviceRole role in all.Select(row => row.Device).Distinct())
        {
            FsmapRow[] rows = [.. all.Where(row => row.Device == role)];
            for (int i = 0; i < 300; i++)
            {
                FsmapRow near = rows[random.Next(rows.Length)];
                long start = Math.Max(0, near.Physical + random.Next(-9000, 9000));
                var range = new ByteRange(start, random.Next(1, 1 << random.Next(1, 22)));
                var found = new List<FsmapRow>();
                new SpaceMap(busy.Xfs, 64).ForEach(role, range, row => found.Add(Same(row)));
                FsmapRow[] wanted = [.. rows.Where(row => row.End > range.Offset && row.Physical < range.End)];
                Assert.Equal(wanted.Where(IsOwned), found.Where(IsOwned));
                foreach (OwnerKind owner in (OwnerKind[])[OwnerKind.Free, OwnerKind.Unknown])
                {
                    Assert.Equal(BytesOf(owner, wanted, range), BytesOf(owner, found, range));
                }
            }
        }
    }

    private static bool IsOwned(FsmapRow row) => row.Owner is not (OwnerKind.Free or OwnerKind.Unknown);

    private static ByteRangeSet BytesOf(OwnerKind owner, IEnumerable<FsmapRow> rows, ByteRange range) =>
        ByteRangeSet.From(rows.Where(row => row.Owner == owner)
            .Select(row => new ByteRange(row.Physical, row.Length).Intersect(range)));

    internal static FsmapRow Same(MapRow row) => new(
        row.Device, row.Physical, row.Length, row.Owner, row.Inode, row.Fork, row.Offset, row.Unwritten, row.Shared,
        row.BlockMap);
}
