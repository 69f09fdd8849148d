// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Where two lists of rows differ, block by block. A block that recovery took for itself may lie elsewhere than the
/// kernel's: then owner, fork and offset have to be there, as often as wanted (L22).
/// </summary>
internal sealed class RowDifference
{
    private const string Elsewhere = "where recovery chose";

    private RowDifference(List<FsmapRow> missing, List<FsmapRow> extra, int moved)
    {
        Missing = missing;
        Extra = extra;
        Moved = moved;
    }

    /// <summary>Blocks that the kernel has and we have not.</summary>
    public IReadOnlyList<FsmapRow> Missing { get; }

    /// <summary>Blocks that we have and the kernel has not.</summary>
    public IReadOnlyList<FsmapRow> Extra { get; }

    /// <summary>Blocks that recovery allocated and that lie elsewhere.</summary>
    public int Moved { get; }

    public bool IsNone => Missing.Count == 0 && Extra.Count == 0;

    public static RowDifference Of(
        IEnumerable<FsmapRow> wanted, IEnumerable<FsmapRow> found, int blockSize, ByteRangeSet allocated)
    {
        (List<FsmapRow> missing, List<FsmapRow> extra) = Apart([.. wanted], [.. found], row => row);
        if (missing.Count == 0 && extra.Count == 0) return new([], [], 0);
        (missing, extra) = Apart(Blocks(missing, blockSize), Blocks(extra, blockSize), row => row);
        List<FsmapRow> chosen = extra.FindAll(row => allocated.Overlaps(new(row.Physical, row.Length)));
        extra.RemoveAll(row => allocated.Overlaps(new(row.Physical, row.Length)));
        (missing, List<FsmapRow> left) = Apart(missing, chosen, row => row with { Physical = 0 });
        return new(missing, [.. extra, .. left], chosen.Count - left.Count);
    }

    /// <summary>Without blocks that the kernel still has, as it may not have had the time to free them.</summary>
    public RowDifference Without(Func<FsmapRow, bool> mayBeThere, out int left)
    {
        List<FsmapRow> missing = [.. Missing.Where(row => !mayBeThere(row))];
        left = Missing.Count - missing.Count;
        return new(missing, [.. Extra], Moved);
    }

    /// <summary>
    /// Without blocks that differ only in being shared, where the one that the kernel sees them shared with is one that
    /// it has not freed in time.
    /// </summary>
    public RowDifference WithoutSharing(ByteRangeSet kept)
    {
        if (kept.IsEmpty) return this;
        List<FsmapRow> missing = [.. Missing];
        List<FsmapRow> extra = [.. Extra];
        HashSet<FsmapRow> alone = [.. extra.Where(row => !row.Shared && kept.Overlaps(row.Physical, row.Length))];
        HashSet<FsmapRow> met = [.. missing.Where(row => row.Shared && alone.Contains(row with { Shared = false }))];
        missing.RemoveAll(met.Contains);
        extra.RemoveAll(row => met.Contains(row with { Shared = true }));
        return new(missing, extra, Moved);
    }

    /// <summary>Without blocks that are free with us because the kernel still has them so.</summary>
    public RowDifference WithoutFree(ByteRangeSet kept) =>
        new([.. Missing], Extra.Where(row =>
            row.Owner != OwnerKind.Free || !kept.Overlaps(row.Physical, row.Length)).ToList(), Moved);

    public IEnumerable<string> Lines(int most = 12) =>
    [
        .. Missing.Take(most).Select(row => $"- {row}"), .. Extra.Take(most).Select(row => $"+ {row}"),
    ];

    public override string ToString() =>
        $"{Missing.Count} blocks missing, {Extra.Count} too many, {Moved} {Elsewhere}\n{string.Join('\n', Lines())}";

    /// <summary>What only one of two lists has, counting repetitions.</summary>
    private static (List<FsmapRow> OnlyLeft, List<FsmapRow> OnlyRight) Apart(
        List<FsmapRow> left, List<FsmapRow> right, Func<FsmapRow, FsmapRow> keyOf)
    {
        Dictionary<FsmapRow, int> counts = right.CountBy(keyOf).ToDictionary();
        var onlyLeft = new List<FsmapRow>();
        foreach (FsmapRow row in left)
        {
            FsmapRow key = keyOf(row);
            int count = counts.GetValueOrDefault(key);
            if (count == 0) onlyLeft.Add(row);
            else counts[key] = count - 1;
        }

        var onlyRight = new List<FsmapRow>();
        foreach (FsmapRow row in right)
        {
            FsmapRow key = keyOf(row);
            int count = counts[key];
            if (count == 0) continue;
            onlyRight.Add(row);
            counts[key] = count - 1;
        }

        return (onlyLeft, onlyRight);
    }

    private static List<FsmapRow> Blocks(IEnumerable<FsmapRow> rows, int blockSize)
    {
        var blocks = new List<FsmapRow>();
        foreach (FsmapRow row in rows)
        {
            bool hasOffset = row is { IsInode: true, BlockMap: false };
            for (long at = 0; at < row.Length; at += blockSize)
            {
                blocks.Add(row with
                {
                    Physical = row.Physical + at, Length = blockSize, Offset = hasOffset ? row.Offset + at : 0,
                });
            }
        }

        return blocks;
    }
}
