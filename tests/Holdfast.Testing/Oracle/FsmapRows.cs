// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Oracle;

/// <summary>Brings two maps to the one form in which they must be equal.</summary>
public static class FsmapRows
{
    /// <summary>The kernel sorts devices by number, which is chance; here the data device comes first.</summary>
    public static IEnumerable<FsmapRow> DataFirst(IEnumerable<FsmapRow> rows) => rows.OrderBy(row => row.Device);

    /// <summary>
    /// The map of a filesystem without rmapbt: the kernel then only tells used ("unknown") from free. Rows that touch
    /// are joined, group boundaries or not.
    /// </summary>
    public static IReadOnlyList<FsmapRow> UsedAndFree(IEnumerable<FsmapRow> rows)
    {
        var joined = new List<FsmapRow>();
        long coveredTo = 0;
        foreach (FsmapRow row in rows.OrderBy(row => row.Device).ThenBy(row => row.Physical))
        {
            OwnerKind owner = row.Owner == OwnerKind.Free ? OwnerKind.Free : OwnerKind.Unknown;
            var plain = new FsmapRow(row.Device, row.Physical, row.Length, owner);
            if (joined.Count > 0 && joined[^1].Device == plain.Device)
            {
                // Shared blocks have a row for each owner.
                long skip = Math.Clamp(coveredTo - plain.Physical, 0, plain.Length);
                plain = plain with { Physical = plain.Physical + skip, Length = plain.Length - skip };
                if (plain.Length == 0) continue;
                if (joined[^1].Owner == owner && joined[^1].End == plain.Physical)
                {
                    joined[^1] = joined[^1] with { Length = joined[^1].Length + plain.Length };
                    coveredTo = plain.End;
                    continue;
                }
            }

            joined.Add(plain);
            coveredTo = plain.End;
        }

        return joined;
    }

    /// <summary>
    /// Extents by inode, fork and offset; those that go on where the last one ended are joined, and are shared where
    /// any part is. GETBMAPX and reverse maps cut extents at different places.
    /// </summary>
    public static IReadOnlyList<FsmapRow> Extents(IEnumerable<FsmapRow> rows)
    {
        var joined = new List<FsmapRow>();
        foreach (FsmapRow row in rows
            .Where(row => row.IsInode && !row.BlockMap)
            .OrderBy(row => row.Inode).ThenBy(row => row.Fork).ThenBy(row => row.Offset))
        {
            if (joined.Count > 0 && GoesOn(joined[^1], row))
            {
                joined[^1] = joined[^1] with
                {
                    Length = joined[^1].Length + row.Length,
                    Shared = joined[^1].Shared || row.Shared,
                };
                continue;
            }

            joined.Add(row);
        }

        return joined;
    }

    private static bool GoesOn(in FsmapRow left, in FsmapRow right) =>
        left.Inode == right.Inode && left.Fork == right.Fork && left.Device == right.Device
        && left.Unwritten == right.Unwritten && left.End == right.Physical
        && left.Offset + left.Length == right.Offset;
}
